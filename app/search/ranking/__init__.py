"""What makes an essay a better answer than another, in numbers that every engine shares.

``weights``    the rarity of a word in the archive
``questions``  the words that an essay may lack, how many essays are enough, and what is told then
``shares``     what is added to scores for more than words, as shares of them
"""
