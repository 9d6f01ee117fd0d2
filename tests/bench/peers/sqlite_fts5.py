"""How does SQLite answer? FTS5 with Porter stems; facets counted by GROUP BY over narrow tables.

One pass over the matches goes into a temporary table with two marks, one for each filter; every
count joins it. Only what passes both filters is ranked. Without words nothing needs the text.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.bench.shape import BOOSTS, FACETS, HITS, Answer, Hit, Query, histogram, records

NAME = "SQLite FTS5"
_MANY = ("tag", "category")
_ONE = ("status", "certainty", "importance", "year")
_PERCENT = ("certainty", "importance")
_BUILD = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-256000;"
_READ = """PRAGMA query_only=OFF; PRAGMA mmap_size=8589934592; PRAGMA cache_size=-64000;
PRAGMA temp_store=MEMORY;
CREATE TEMP TABLE matched (id INTEGER PRIMARY KEY, certain INTEGER, placed INTEGER);"""


def build(content: Path, index: Path) -> None:
    index.parent.mkdir(parents=True, exist_ok=True)
    index.unlink(missing_ok=True)
    db = sqlite3.connect(index)
    db.executescript(_BUILD)
    columns = ", ".join(f"{name} INTEGER NOT NULL" for name in _ONE)
    db.executescript(
        f"""CREATE TABLE essay (id INTEGER PRIMARY KEY, {columns}, certainty_percent INTEGER,
              importance_percent INTEGER, published INTEGER NOT NULL);
            CREATE TABLE shown (id INTEGER PRIMARY KEY, slug, updated INTEGER, title, excerpt);
            CREATE TABLE value (id INTEGER PRIMARY KEY, facet, value);
            CREATE TABLE tag (essay INTEGER, value INTEGER, PRIMARY KEY (essay, value))
              WITHOUT ROWID;
            CREATE TABLE category (essay INTEGER, value INTEGER, PRIMARY KEY (essay, value))
              WITHOUT ROWID;
            CREATE VIRTUAL TABLE text USING fts5({", ".join(BOOSTS)}, prefix='3 4',
              tokenize='porter unicode61 remove_diacritics 2');"""
    )
    ids: dict[tuple[str, str], int] = {}

    def known(facet: str, value: str) -> int:
        return ids.setdefault((facet, value), len(ids) + 1)

    for number, record in enumerate(records(content), 1):
        ones = [known(facet, record.values(facet)[0]) for facet in _ONE]
        percents = [rating[1] if (rating := getattr(record, name)) else None for name in _PERCENT]
        db.execute(
            "INSERT INTO essay VALUES (?,?,?,?,?,?,?,?)",
            (number, *ones, *percents, record.published),
        )
        shown = (record.slug, record.updated, record.title, record.excerpt)
        db.execute("INSERT INTO shown VALUES (?,?,?,?,?)", (number, *shown))
        for facet in _MANY:
            rows = [(number, known(facet, value)) for value in record.values(facet)]
            db.executemany(f"INSERT INTO {facet} VALUES (?,?)", rows)
        texts = tuple(record.texts().values())
        db.execute(
            f"INSERT INTO text(rowid, {', '.join(BOOSTS)}) VALUES (?,?,?,?,?,?,?)", (number, *texts)
        )
    db.executemany("INSERT INTO value VALUES (?,?,?)", [(i, f, v) for (f, v), i in ids.items()])
    db.executescript(
        """INSERT INTO text(text) VALUES ('optimize');
           CREATE INDEX newest ON essay (published DESC, id, certainty);
           CREATE INDEX certain ON essay (certainty);
           CREATE INDEX by_tag ON tag (value, essay);
           CREATE INDEX by_category ON category (value, essay);"""
        + "".join(f"CREATE INDEX by_{name} ON essay ({name});" for name in
                  ("status", "importance", "year", "certainty_percent", "importance_percent"))
        + "ANALYZE;"
    )  # fmt: skip
    db.commit()
    db.close()


#: Every count as a statement; ``{within}`` is how it is narrowed to the matches.
_COUNT = {name: (f"SELECT {name}, count(*) FROM {{within}} GROUP BY {name}", "essay") for name in
          (*_ONE, "certainty_percent", "importance_percent")} | {
    name: ("SELECT value, count(*) FROM {within} GROUP BY value", name) for name in _MANY
}  # fmt: skip
_MARKS = {"certainty": "placed", "category": "certain"}
_IN = "e.certainty IN (?,?)", "e.id IN (SELECT essay FROM category WHERE value IN (?,?))"


def _counting(filtered: bool) -> dict[str, str]:
    made = {}
    for name, (statement, table) in _COUNT.items():
        if filtered:
            key = "id" if table == "essay" else "essay"
            mark = _MARKS.get(name, "certain AND placed")
            within = f"matched m CROSS JOIN {table} t ON t.{key} = m.id WHERE {mark}"
            made[name] = statement.format(within=within)
        else:
            made[name] = statement.format(within=table)
    return made


class Engine:
    def __init__(self, index: Path) -> None:
        self.db = sqlite3.connect(index, isolation_level=None, cached_statements=256)
        self.db.executescript(_READ)
        rows = self.db.execute("SELECT id, facet, value FROM value").fetchall()
        self.value: dict[int, str] = {number: value for number, _, value in rows}
        self.number: dict[tuple[str, str], int] = {(f, v): number for number, f, v in rows}
        self.counting = {filtered: _counting(filtered) for filtered in (True, False)}
        self.ranks = ", ".join(str(boost) for boost in BOOSTS.values())
        self.body = list(BOOSTS).index("body")

    def search(self, query: Query) -> Answer:
        match = query.strict_text
        chosen = [
            self.number.get((facet, value), -1)
            for facet in ("certainty", "category")
            for value in query.filters.get(facet, ())
        ]
        run = self.db.execute
        run("BEGIN")
        if chosen:
            source = "text JOIN essay e ON e.id = text.rowid" if match else "essay e"
            where = "text MATCH ? AND" if match else ""
            run(
                f"""INSERT INTO matched SELECT e.id, {_IN[0]} AS c, {_IN[1]} AS p FROM {source}
                    WHERE {where} (c OR p)""",
                (*chosen, match) if match else chosen,
            )
            total = run("SELECT count(*) FROM matched WHERE certain AND placed").fetchone()[0]
        else:
            total = run("SELECT count(*) FROM essay").fetchone()[0]
        counts = {name: dict(run(sql).fetchall())
                  for name, sql in self.counting[bool(chosen)].items()}  # fmt: skip
        hits = self._ranked(query) if match else self._newest(query, bool(chosen))
        run("DELETE FROM matched")
        run("COMMIT")
        return Answer(
            total,
            {f: {self.value[number]: n for number, n in counts[f].items()} for f in FACETS},
            {
                name: histogram(
                    {p: n for p, n in counts[f"{name}_percent"].items() if p is not None}, 100
                )
                for name in _PERCENT
            },
            hits,
        )

    _FIELDS = "s.slug, s.title, e.published, s.updated, e.status, e.certainty, e.importance"

    def _ranked(self, query: Query) -> list[Hit]:
        rows = self.db.execute(
            f"""SELECT {self._FIELDS}, snippet(text, {self.body}, '<b>', '</b>', '…', 40)
                FROM (SELECT rowid AS id, bm25(text, {self.ranks}) AS score FROM text
                      WHERE text MATCH ?1 AND rowid IN
                        (SELECT id FROM matched WHERE certain AND placed)
                      ORDER BY score LIMIT {HITS} OFFSET ?2) best
                CROSS JOIN text ON text.rowid = best.id AND text MATCH ?1
                JOIN essay e ON e.id = best.id JOIN shown s ON s.id = best.id
                ORDER BY best.score""",
            (query.strict_text, (query.page - 1) * HITS),
        )
        return [self._hit(row) for row in rows]

    def _newest(self, query: Query, filtered: bool) -> list[Hit]:
        within = "JOIN matched m ON m.id = e.id AND certain AND placed" if filtered else ""
        rows = self.db.execute(
            f"""SELECT {self._FIELDS}, s.excerpt FROM
                (SELECT e.* FROM essay e {within} ORDER BY published DESC LIMIT ? OFFSET ?) e
                JOIN shown s ON s.id = e.id ORDER BY e.published DESC""",
            (HITS, (query.page - 1) * HITS),
        )
        return [self._hit(row) for row in rows]

    def _hit(self, row: tuple[str, str, int, int, int, int, int, str]) -> Hit:
        slug, title, published, updated, *ratings, snippet = row
        status, certainty, importance = (self.value[int(number)] for number in ratings)
        return Hit(slug, title, published, updated, (status, certainty, importance), snippet)


def open(index: Path) -> Engine:  # noqa: A001 - the port's name
    return Engine(index)
