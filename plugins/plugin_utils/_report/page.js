/* Copyright (c) 2026 the tenantops.migration contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The filter. What is filtered for stands in the address, after #, so that a view can be passed on.
 * Values are only ever read from the page, as text.
 */
(() => {
  "use strict";
  const FIELDS = ["q", "tenant", "system", "action", "failures"];
  const UNFOLD_UP_TO = 300;

  const form = document.getElementById("filter");
  const attention = document.getElementById("attention");
  const found = document.getElementById("found");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const lower = (element) => element.textContent.toLowerCase();

  const lines = all("#steps tbody tr").map((element) => ({
    element,
    place: element.dataset.t,
    name: element.querySelector("th").textContent.trim().toLowerCase(),
    troubled: false,
  }));
  const tenants = new Map(lines.map((line) => [line.place, line]));
  const troubles = all("#attention li").map((element) => ({ element, place: element.dataset.t }));
  troubles.forEach(({ place }) => (tenants.get(place).troubled = true));
  const groups = all("#changes details").map((element) => ({
    element,
    place: element.dataset.t,
    wasOpen: element.open,
    rows: all("tbody tr", element),
    texts: null,
  }));
  const total = groups.reduce((sum, group) => sum + group.rows.length, 0);

  const show = (element, visible) => {
    if (element.hidden === visible) element.hidden = !visible;
  };

  function filterRows(group, state) {
    const named = tenants.get(group.place).name.includes(state.q);
    if (state.q && !named && !group.texts) group.texts = group.rows.map(lower);
    let count = 0;
    group.rows.forEach((row, index) => {
      const fits =
        !state.failures &&
        (!state.system || row.classList.contains(state.system)) &&
        (!state.action || row.classList.contains(state.action)) &&
        (!state.q || named || group.texts[index].includes(state.q));
      show(row, fits);
      if (fits) count += 1;
    });
    return count;
  }

  function apply(state) {
    const chosen = (place) =>
      tenants.get(place).name.includes(state.tenant) &&
      (!state.failures || tenants.get(place).troubled);
    const narrowed = state.q || state.system || state.action;
    const kept = new Set();

    troubles.forEach(({ element, place }) => {
      const fits = chosen(place) && (!state.q || lower(element).includes(state.q));
      show(element, fits);
      if (fits && !state.system && !state.action) kept.add(place);
    });

    if (attention) show(attention, troubles.some(({ element }) => !element.hidden));

    let changes = 0;
    groups.forEach((group) => {
      group.count = chosen(group.place) ? filterRows(group, state) : 0;
      show(group.element, group.count > 0);
      if (group.count) kept.add(group.place);
      changes += group.count;
    });
    const isFiltering = Boolean(narrowed || state.tenant || state.failures);
    groups.forEach((group) => {
      group.element.open = isFiltering ? changes <= UNFOLD_UP_TO : group.wasOpen;
    });

    let shown = 0;
    lines.forEach((line) => {
      const named = state.q && line.name.includes(state.q) && !state.system && !state.action;
      const fits = chosen(line.place) && (!narrowed || named || kept.has(line.place));
      show(line.element, fits);
      if (fits) shown += 1;
    });
    show(document.getElementById("steps"), shown > 0 || !isFiltering);
    show(document.getElementById("changes"), changes > 0 || !isFiltering);
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
