/* Copyright (c) 2026 the tenantops.migration contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The filter. What is filtered for stands in the address, after #, so that a view can be passed on.
 * Values are only ever read from the page, as text.
 */
(() => {
  "use strict";
  const UNFOLD_UP_TO = 300;

  const form = document.getElementById("filter");
  const FIELDS = ["q", "tenant", "system", "action", "failures", "gates"].filter(
    (name) => form.elements[name],
  );
  const directory = document.getElementById("directory");
  const domains = document.getElementById("domains");
  const guests = document.getElementById("guests");
  const accounts = document.getElementById("accounts");
  const found = document.getElementById("found");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const lower = (element) => element.textContent.toLowerCase();

  const lines = all("#steps tbody tr").map((element) => ({
    element,
    place: element.dataset.t,
    name: element.querySelector("th").textContent.trim().toLowerCase(),
    failures: false,
    gates: false,
  }));
  const tenants = new Map(lines.map((line) => [line.place, line]));
  // What stopped tenants: each list by the tick of the filter that is about it.
  const notices = [
    { section: document.getElementById("attention"), tick: "failures" },
    { section: document.getElementById("gates"), tick: "gates" },
  ]
    .filter(({ section }) => section)
    .map((list) => ({
      ...list,
      items: all("li", list.section).map((element) => ({ element, place: element.dataset.t })),
    }));
  notices.forEach(({ tick, items }) => {
    items.forEach(({ place }) => (tenants.get(place)[tick] = true));
  });
  const group = (element, countsRows) => ({
    element,
    countsRows,
    place: element.dataset.t,
    wasOpen: element.open,
    rows: all(".list tbody tr", element).map((row) => ({
      element: row,
      counts: countsRows && !row.closest(".left"),
    })),
    texts: null,
  });
  const groups = all("#changes details").map((element) => group(element, true));
  const assessed = all("#directory details").map((element) => group(element, false));
  const domainLists = all("#domains details").map((element) => group(element, false));
  const guestLists = all("#guests details").map((element) => group(element, false));
  const accountLists = all("#accounts details").map((element) => group(element, false));
  const total = groups.flatMap(({ rows }) => rows).filter(({ counts }) => counts).length;

  const show = (element, visible) => {
    if (element.hidden === visible) element.hidden = !visible;
  };

  const isTicked = (state) => Boolean(state.failures || state.gates);

  function filterRows(group, state) {
    const named = tenants.get(group.place).name.includes(state.q);
    if (state.q && !named && !group.texts) {
      group.texts = group.rows.map(({ element }) => lower(element));
    }
    let shown = 0;
    let counted = 0;
    group.rows.forEach(({ element, counts }, index) => {
      const fits =
        !isTicked(state) &&
        (!state.system || element.classList.contains(state.system)) &&
        (!state.action || element.classList.contains(state.action)) &&
        (!state.q || named || group.texts[index].includes(state.q));
      show(element, fits);
      if (fits) shown += 1;
      if (fits && counts) counted += 1;
    });
    return { shown, counted };
  }

  // A tidy directory has no rows to go by.
  const isTidy = (group, state) =>
    assessed.includes(group) &&
    !group.rows.length &&
    !isTicked(state) &&
    !state.action &&
    ["", "ad"].includes(state.system) &&
    tenants.get(group.place).name.includes(state.q);

  function filterGroups(groups, state, chosen, kept) {
    let rows = 0;
    let changes = 0;
    let visible = 0;
    groups.forEach((group) => {
      const { shown, counted } = chosen(group.place)
        ? filterRows(group, state)
        : { shown: 0, counted: 0 };
      const fits = shown > 0 || (chosen(group.place) && isTidy(group, state));
      show(group.element, fits);
      if (fits) {
        kept.add(group.place);
        visible += 1;
      }
      rows += shown;
      changes += counted;
    });
    return { rows, changes, visible };
  }

  function apply(state) {
    const chosen = (place) =>
      tenants.get(place).name.includes(state.tenant) &&
      ["failures", "gates"].every((tick) => !state[tick] || tenants.get(place)[tick]);
    const narrowed = state.q || state.system || state.action;
    const kept = new Set();

    notices.forEach(({ section, tick, items }) => {
      items.forEach(({ element, place }) => {
        const asked = !isTicked(state) || state[tick];
        const fits = asked && chosen(place) && (!state.q || lower(element).includes(state.q));
        show(element, Boolean(fits));
        if (fits && !state.system && !state.action) kept.add(place);
      });
      show(section, items.some(({ element }) => !element.hidden));
    });

    const isFiltering = Boolean(narrowed || state.tenant || isTicked(state));
    const { rows, changes, visible } = filterGroups(groups, state, chosen, kept);
    const inDirectory = filterGroups(assessed, state, chosen, kept);
    const inDomains = filterGroups(domainLists, state, chosen, kept);
    const inGuests = filterGroups(guestLists, state, chosen, kept);
    const inAccounts = filterGroups(accountLists, state, chosen, kept);
    groups.forEach((group) => {
      group.element.open = isFiltering ? rows <= UNFOLD_UP_TO : group.wasOpen;
    });
    assessed.forEach((group) => {
      group.element.open = isFiltering ? inDirectory.rows <= UNFOLD_UP_TO : group.wasOpen;
    });
    domainLists.forEach((group) => {
      group.element.open = isFiltering ? inDomains.rows <= UNFOLD_UP_TO : group.wasOpen;
    });
    guestLists.forEach((group) => {
      group.element.open = isFiltering ? inGuests.rows <= UNFOLD_UP_TO : group.wasOpen;
    });
    accountLists.forEach((group) => {
      group.element.open = isFiltering ? inAccounts.rows <= UNFOLD_UP_TO : group.wasOpen;
    });

    let shown = 0;
    lines.forEach((line) => {
      const named = state.q && line.name.includes(state.q) && !state.system && !state.action;
      const fits = chosen(line.place) && (!narrowed || named || kept.has(line.place));
      show(line.element, fits);
      if (fits) shown += 1;
    });
    show(document.getElementById("steps"), shown > 0 || !isFiltering);
    show(document.getElementById("changes"), visible > 0 || !isFiltering);
    if (directory) show(directory, inDirectory.visible > 0 || !isFiltering);
    if (domains) show(domains, inDomains.visible > 0 || !isFiltering);
    if (guests) show(guests, inGuests.visible > 0 || !isFiltering);
    if (accounts) show(accounts, inAccounts.visible > 0 || !isFiltering);
    found.textContent = isFiltering
      ? `${changes} of ${total} changes, ${shown} of ${lines.length} tenants`
      : "";
  }

  const value = (name) => {
    const field = form.elements[name];
    return field.type === "checkbox" ? (field.checked ? "1" : "") : field.value;
  };

  function update() {
    const state = Object.fromEntries(FIELDS.map((name) => [name, value(name)]));
    apply({ ...state, q: state.q.trim().toLowerCase(), tenant: state.tenant.trim().toLowerCase() });
  }

  function remember() {
    const set = FIELDS.map((name) => [name, value(name)]).filter((pair) => pair[1]);
    history.replaceState(null, "", `#${new URLSearchParams(set)}`);
  }

  function recall() {
    if (!location.hash.includes("=")) return; // a link to a tenant
    const state = new URLSearchParams(location.hash.slice(1));
    FIELDS.forEach((name) => {
      const field = form.elements[name];
      if (field.type === "checkbox") field.checked = state.has(name);
      else field.value = state.get(name) || "";
    });
    update();
  }

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      update();
      remember();
    }, 120);
  });
  form.addEventListener("reset", () => {
    setTimeout(() => {
      update();
      remember();
    });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", recall);
  form.hidden = false;
  recall();
})();
