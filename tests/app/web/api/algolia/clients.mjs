// The clients of Algolia and the widgets of React and Vue, against the server at the address given.
//
// Prints, as JSON, what each of them got. The packages are looked for in the folder given second.

import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [address, packages] = process.argv.slice(2);
const require = createRequire(path.join(packages, "package.json"));
const host = address.replace("http://", "");
const got = {};

const v4 = require("algoliasearch-v4")("essays", "none", {
  hosts: [{ url: host, protocol: "http" }],
});
const v5 = require("algoliasearch").algoliasearch("essays", "none", {
  hosts: [{ url: host, accept: "readWrite", protocol: "http" }],
});
const compressed = require("algoliasearch").algoliasearch("essays", "none", {
  hosts: [{ url: host, accept: "readWrite", protocol: "http" }],
  compression: "gzip",
});
const lite = require("algoliasearch/lite").liteClient("essays", "none", {
  hosts: [{ url: host, accept: "readWrite", protocol: "http" }],
});

// What does not depend on the clock, in the order of the answer.
const told = ({ hits, nbHits, nbPages, facets, facets_stats: stats, index, facetHits }) => ({
  slugs: hits?.map((hit) => hit.objectID), nbHits, nbPages, facets, stats, index, facetHits,
});
const failure = (promise) =>
  promise.then(() => "answered", ({ status, message }) => ({ status, message }));

const narrowed = {
  query: "",
  facets: ["tags", "certainty_pct"],
  facetFilters: [["tags:Birds", "tags:-Serial"], "categories:Nature"],
  numericFilters: ["certainty_pct>=20", ["importance<=5", "year>2022"]],
  filters: 'NOT certainty:Unlikely AND (tags:"Birds" OR year:2000 TO 2030)',
  maxValuesPerFacet: 5,
  hitsPerPage: 3,
};
const several = [
  { indexName: "essays", query: "owl" },
  { indexName: "essays_newest", params: { hitsPerPage: 2 } },
  { indexName: "essays", params: { facets: "tags", hitsPerPage: 0 } },
];

const index = v4.initIndex("essays");
got.v4 = {
  one: told(await index.search(narrowed.query, narrowed)),
  several: (await v4.search(several)).results.map(told),
  facet: told(await index.searchForFacetValues("tags", "lear", { filters: "year:2024" })),
  marked: (await index.search("sparrow")).hits[0]._highlightResult.title,
  unknown: await failure(v4.initIndex("others").search("")),
  wrong: await failure(index.search("", { filters: "tags:" })),
};
for (const [name, client] of Object.entries({ v5, compressed })) {
  got[name] = {
    one: told(await client.searchSingleIndex({ indexName: "essays", searchParams: narrowed })),
    several: (await client.search(several)).results.map(told),
    facet: told(await client.searchForFacetValues({
      indexName: "essays", facetName: "tags",
      searchForFacetValuesRequest: { facetQuery: "lear", params: "filters=year%3A2024" },
    })),
    marked: (await client.searchForHits([{ indexName: "essays", query: "sparrow" }]))
      .results[0].hits[0]._highlightResult.title,
    unknown: await failure(client.searchSingleIndex({ indexName: "others" })),
    wrong: await failure(
      client.searchSingleIndex({ indexName: "essays", searchParams: { filters: "tags:" } }),
    ),
  };
}
got.lite = {
  several: (await lite.search(several)).results.map(told),
  facet: (await lite.searchForFacets([
    { indexName: "essays", type: "facet", facet: "tags", facetQuery: "lear", filters: "year:2024" },
  ])).results.map(told)[0],
};

// -- widgets of React and Vue, rendered as a server does ------------------------------------------

const state = {
  essays: {
    query: "serial",
    refinementList: { tags: ["Serial"] },
    range: { importance: "2:5" },
  },
};

async function react() {
  const { createElement: h } = require("react");
  const { renderToString } = require("react-dom/server");
  const widgets = require("react-instantsearch");
  const hit = ({ hit }) => h(widgets.Highlight, { hit, attribute: "title" });
  const app = (serverState) => h(widgets.InstantSearchSSRProvider, serverState,
    h(widgets.InstantSearch, { searchClient: lite, indexName: "essays", initialUiState: state },
      h(widgets.SearchBox), h(widgets.RefinementList, { attribute: "tags" }),
      h(widgets.RangeInput, { attribute: "importance" }), h(widgets.Pagination),
      h(widgets.Stats), h(widgets.Configure, { hitsPerPage: 3 }),
      h(widgets.Hits, { hitComponent: hit })));
  const found = await widgets.getServerState(app(), { renderToString });
  return renderToString(app(found));
}

async function vue() {
  const { createSSRApp, h } = require("vue");
  const { renderToString } = require("@vue/server-renderer");
  const widgets = await import(pathToFileURL(require.resolve("vue-instantsearch/vue3/es")));
  const app = createSSRApp({
    mixins: [widgets.createServerRootMixin({
      searchClient: lite, indexName: "essays", initialUiState: state,
    })],
    serverPrefetch() {
      return this.instantsearch.findResultsState({ component: this, renderToString });
    },
    render() {
      return h(widgets.AisInstantSearchSsr, null, { default: () => [
        h(widgets.AisSearchBox), h(widgets.AisRefinementList, { attribute: "tags" }),
        h(widgets.AisRangeInput, { attribute: "importance" }), h(widgets.AisPagination),
        h(widgets.AisConfigure, { hitsPerPage: 3 }), h(widgets.AisStats),
        h(widgets.AisHits, null, {
          item: ({ item }) => h(widgets.AisHighlight, { hit: item, attribute: "title" }),
        }),
      ] });
    },
  });
  return renderToString(app);
}

got.react = await react();
got.vue = await vue();
console.log(JSON.stringify(got));
