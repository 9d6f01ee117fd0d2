// InstantSearch over essay-search. Only `hosts` is other than with Algolia.

const server = new URL(document.body.dataset.server);

const host = { url: server.host, protocol: server.protocol.replace(":", "") };

// Version 5 of the client has its function in an object, and wants to know what a host is for.
const lite = window["algoliasearch/lite"];
const searchClient = lite
  ? lite.liteClient("essays", "none", { hosts: [{ ...host, accept: "readWrite" }] })
  : algoliasearch("essays", "none", { hosts: [host] });

const search = instantsearch({ indexName: "essays", searchClient });
const { widgets } = instantsearch;

search.addWidgets([
  widgets.configure({
    hitsPerPage: 6,
    attributesToSnippet: ["content:30"],
    attributesToRetrieve: ["title", "section", "section_url", "certainty", "published"],
  }),
  widgets.searchBox({ container: "#searchbox", placeholder: "Search the essays" }),
  widgets.stats({ container: "#stats" }),
  widgets.clearRefinements({ container: "#clear" }),
  widgets.refinementList({
    container: "#tags", attribute: "tags", searchable: true, limit: 6, showMore: true,
  }),
  widgets.rangeSlider({ container: "#certainty", attribute: "certainty_pct", pips: false }),
  widgets.rangeInput({ container: "#importance", attribute: "importance" }),
  widgets.numericMenu({
    container: "#year",
    attribute: "year",
    items: [
      { label: "All" },
      { label: "Before 2022", end: 2021 },
      { label: "2022 and 2023", start: 2022, end: 2023 },
      { label: "Since 2024", start: 2024 },
    ],
  }),
  widgets.refinementList({ container: "#status", attribute: "status" }),
  widgets.sortBy({
    container: "#sort",
    items: [
      { label: "Best match", value: "essays" },
      { label: "Newest", value: "essays_newest" },
      { label: "Most certain", value: "essays_certainty" },
      { label: "Title", value: "essays_title" },
    ],
  }),
  widgets.hits({
    container: "#hits",
    templates: {
      // The tag `html` and `components` escape what the essays say.
      item: (hit, { html, components }) => html`
        <article>
          <h3>
            <a href=${new URL(hit.section_url, server).href}>
              ${components.Highlight({ hit, attribute: "title" })}
            </a>
          </h3>
          <p class="about">${hit.published?.slice(0, 10)} · certainty ${hit.certainty}</p>
          <p>${components.Snippet({ hit, attribute: "content" })}</p>
        </article>
      `,
      empty: (results, { html }) => html`<p>No essays found for “${results.query}”.</p>`,
    },
  }),
  widgets.pagination({ container: "#pages" }),
]);

search.start();
