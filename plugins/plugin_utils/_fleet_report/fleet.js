/* Copyright (c) 2026 the tenantops.migration contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is looked at stands in the address, after #, so that a view can be passed on and the browser
 * can go back. The changes are read when they are first needed, and of a long list only the
 * beginning is shown until more is asked for. Values become text, never HTML.
 */
(() => {
  "use strict";
  const AT_ONCE = 200;
  const FIELDS = ["q", "tenant", "state", "since", "step", "ended", "system", "action"];
  const VIEWS = { tenants: "Tenants", steps: "Steps", changes: "Changes", problems: "Problems" };
  const ENDINGS = ["changed", "ok", "unreachable", "failed", "unknown", "open gate", "skipped"];
  const ENDING_COLORS = { changed: "blue", unreachable: "red", failed: "red", unknown: "amber" };
  const NOTICE_COLORS = { failed: "red", unreachable: "red", unreadable: "red" };
  const NO_VALUE = -1;
  const KNOWN_AFTER_APPLY = -2;

  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const fleet = read("fleet");
  const form = document.getElementById("filter");
  const views = document.getElementById("views");
  const content = document.getElementById("content");
  const found = document.getElementById("found");

  const states = Object.keys(fleet.states);
  const tenants = fleet.tenants.map((tenant, place) => ({
    ...tenant,
    place,
    rank: states.indexOf(tenant.state),
    lower: tenant.name.toLowerCase(),
    endings: new Map(tenant.steps.map(([step, ending]) => [step, ending])),
    told: [tenant.name, ...tenant.notices.flatMap((notice) => Object.values(notice))]
      .join("\n")
      .toLowerCase(),
  }));
  const named = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const unseen = new RegExp(`[${fleet.unseen}]|^ | $`, "gu");

  // The changes: columns of numbers, which name texts

  let columns = null;

  function changes() {
    if (columns) return columns;
    columns = read("changes");
    columns.kindTexts = columns.kinds.map((kind) => kind.slice(0, 5).join("\n").toLowerCase());
    columns.lower = columns.texts.map((text) => text.toLowerCase());
    columns.fits = new Map();
    return columns;
  }

  const needsChanges = (state) =>
    Boolean(state.t || state.q || state.system || state.action || state.view === "changes");

  // Which texts have a word in them: each text is looked at once, however many changes name it.
  function textsWith(word) {
    const { lower, fits } = changes();
    if (!fits.has(word)) {
      if (fits.size > 7) fits.delete(fits.keys().next().value);
      fits.set(word, Uint8Array.from(lower, (text) => (text.includes(word) ? 1 : 0)));
    }
    return fits.get(word);
  }

  // The numbers of the changes that fit, tenant by tenant.
  function matching(chosen, state, words) {
    const { kinds, kind, name, id, before, after, notes, kindTexts } = changes();
    const fitsKind = kinds.map(
      ([system, , , action]) =>
        (!state.system || state.system === system) && (!state.action || state.action === action),
    );
    const asked = words.map((word) => ({
      texts: textsWith(word),
      kinds: kindTexts.map((text) => text.includes(word)),
      word,
    }));
    const rows = [];
    const byTenant = new Map();
    for (const tenant of chosen) {
      const open = asked.filter(({ word }) => !tenant.lower.includes(word));
      const first = rows.length;
      for (let row = fleet.starts[tenant.place]; row < fleet.starts[tenant.place + 1]; row += 1) {
        if (!fitsKind[kind[row]]) continue;
        const fits = open.every(
          ({ texts, kinds: inKinds }) =>
            inKinds[kind[row]] ||
            texts[name[row]] ||
            texts[id[row]] ||
            (before[row] >= 0 && texts[before[row]]) ||
            (after[row] >= 0 && texts[after[row]]) ||
            (row in notes && texts[notes[row]]),
        );
        if (fits) rows.push(row);
      }
      if (rows.length > first) byTenant.set(tenant, rows.length - first);
    }
    return { rows, byTenant };
  }

  function tenantOf(row) {
    let low = 0;
    let high = tenants.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (fleet.starts[middle] <= row) low = middle;
      else high = middle;
    }
    return tenants[low];
  }

  // Elements

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => {
      if (value !== undefined && value !== null) element.setAttribute(name, value);
    });
    element.append(...children.flat().filter((child) => child !== null && child !== ""));
    return element;
  }

  // Text in which characters that nobody sees are shown by their numbers.
  function visible(text) {
    const parts = [];
    let end = 0;
    for (const match of text.matchAll(unseen)) {
      const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      parts.push(text.slice(end, match.index), make("mark", null, `U+${code}`));
      end = match.index + match[0].length;
    }
    return end ? [...parts, text.slice(end)] : [text];
  }

  const amount = (number, one, many) =>
    `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
  const pill = (text, color) => make("span", { class: `pill ${color || "plain"}` }, text);
  const row = (tag, ...cells) =>
    make("tr", null, ...cells.map((cell) => make(tag, tag === "th" ? { scope: "col" } : null, cell)));
  const when = (time) => make("time", { datetime: time }, time.replace("T", " ").replace("+00:00", ""));

  function table(kind, caption, heads, rows) {
    const body = make("tbody");
    const whole = make(
      "div",
      { class: "scroll whole" },
      make(
        "table",
        { class: `fleet ${kind}` },
        make("caption", { class: "apart" }, caption),
        make("thead", null, heads),
        body,
      ),
    );
    return [whole, ...lazily(body, rows)];
  }

  // Fill an element with the beginning of a list, and give what shows more of it.
  function lazily(parent, items) {
    let shown = 0;
    const button = make("button", { type: "button" });
    const paragraph = make("p", { class: "more" }, button);
    const more = () => {
      parent.append(...items.slice(shown, shown + AT_ONCE).map((item) => item()));
      shown = Math.min(shown + AT_ONCE, items.length);
      const left = items.length - shown;
      paragraph.hidden = left === 0;
      button.textContent = `Show ${Math.min(left, AT_ONCE)} more of ${left.toLocaleString("en")}`;
    };
    button.addEventListener("click", () => {
      const next = shown;
      more();
      const link = parent.children[next].querySelector("a");
      if (link) link.focus({ preventScroll: true });
    });
    more();
    return [paragraph];
  }

  const list = (items) => {
    const parent = make("ul", { class: "troubles" });
    return [parent, ...lazily(parent, items)];
  };
  const none = (text) => make("p", { class: "none" }, text);

  // The address

  function recalled() {
    const given = new URLSearchParams(location.hash.slice(1));
    const state = Object.fromEntries(
      [...FIELDS, "view", "sort", "t"].map((name) => [name, given.get(name) || ""]),
    );
    if (!(state.view in VIEWS)) state.view = "tenants";
    return state;
  }

  function address(state) {
    const given = Object.entries(state).filter(
      ([name, value]) => value && !(name === "view" && value === "tenants"),
    );
    return `#${new URLSearchParams(given)}`;
  }

  let current = recalled();
  const link = (changed, ...children) =>
    make("a", { href: address({ ...current, t: "", ...changed }) }, ...children);
  const tenantLink = (tenant) => link({ t: tenant.name }, ...visible(tenant.name));

  // Tenants

  // Whether a tenant fits what does not need its changes.
  function chooses(state, withSteps = true) {
    const text = state.tenant.trim().toLowerCase();
    const isIn = (tenant) =>
      !state.state ||
      (state.state === "trouble" ? tenant.state !== "complete" : tenant.state === state.state);
    return (tenant) =>
      tenant.lower.includes(text) &&
      isIn(tenant) &&
      (!state.since || tenant.since === state.since) &&
      (!withSteps || wentThrough(tenant, state));
  }

  function wentThrough({ endings }, { step, ended }) {
    if (step === "") return !ended || [...endings.values()].includes(ended);
    return ended ? (endings.get(Number(step)) || "not run") === ended : endings.has(Number(step));
  }

  const told = (tenant, words) => words.every((word) => tenant.told.includes(word));

  const ORDERS = {
    "": (one, other) => one.rank - other.rank || one.place - other.place,
    name: (one, other) => one.place - other.place,
    changes: (one, other) => other.changes - one.changes || one.place - other.place,
  };

  const systems = (tenant) =>
    Object.entries(tenant.systems)
      .map(([system, number]) => `${number.toLocaleString("en")} ${fleet.systems[system] || system}`)
      .join(", ");

  function lastRun(tenant) {
    if (tenant.run === null) return "";
    const run = fleet.runs[tenant.run];
    return [run.mode === "check" ? "dry run " : "applied ", when(run.started)];
  }

  function tenantRow(tenant) {
    const [first] = tenant.notices;
    return make(
      "tr",
      null,
      make("th", { scope: "row" }, tenantLink(tenant)),
      make("td", null, pill(tenant.state, fleet.states[tenant.state])),
      make("td", null, pill(tenant.since, fleet.compared[tenant.since])),
      make("td", { class: "number" }, tenant.changes.toLocaleString("en"), make("small", null, systems(tenant))),
      make("td", null, first ? make("div", { class: "message" }, visible(shortened(first.message)), first.step ? make("small", null, visible(first.step)) : null) : null),
      make("td", null, make("small", null, lastRun(tenant))),
    );
  }

  const shortened = (text) => (text.length > 160 ? `${text.slice(0, 160)}…` : text);

  function sorting(name, label, direction) {
    const attributes = { scope: "col" };
    if (current.sort === name) attributes["aria-sort"] = direction;
    return make("th", attributes, link({ sort: name }, label));
  }

  function showTenants(chosen) {
    if (!chosen.length) return [none("No tenant fits.")];
    const heads = make(
      "tr",
      null,
      sorting("name", "Tenant", "ascending"),
      sorting("", "State", "descending"),
      make("th", { scope: "col" }, "Since the run before"),
      sorting("changes", "Changes", "descending"),
      make("th", { scope: "col" }, "Problem"),
      make("th", { scope: "col" }, "Last run"),
    );
    const ordered = [...chosen].sort(ORDERS[current.sort] || ORDERS[""]);
    return table("tenants", "Tenants", heads, ordered.map((tenant) => () => tenantRow(tenant)));
  }

  // Steps

  function showSteps(chosen) {
    if (!fleet.steps.length) return [none("The runs tell of no steps: they are of an earlier release.")];
    const heads = row("th", "Step", "Changes", ...ENDINGS, "not run");
    return table("steps", "Steps", heads, fleet.steps.map((step, place) => () => stepRow(step, place, chosen)));
  }

  function stepRow(step, place, chosen) {
    const counts = new Map();
    let made = 0;
    for (const tenant of chosen) {
      const ending = tenant.endings.get(place) || "not run";
      counts.set(ending, (counts.get(ending) || 0) + 1);
      const entry = tenant.steps.find(([number]) => number === place);
      if (entry) made += entry[2];
    }
    const cell = (ending) => {
      const number = counts.get(ending) || 0;
      const target = { view: "tenants", step: String(place), ended: ending };
      return make("td", { class: "number" }, number ? link(target, number.toLocaleString("en")) : make("i", null, "0"));
    };
    return make(
      "tr",
      null,
      make("th", { scope: "row" }, step.role ? make("small", null, visible(step.role)) : null, visible(step.name)),
      make("td", { class: "number" }, made.toLocaleString("en")),
      ...[...ENDINGS, "not run"].map(cell),
    );
  }

  // Changes

  function value(number) {
    if (number === NO_VALUE) return make("i", null, "(none)");
    if (number === KNOWN_AFTER_APPLY) return make("i", null, "(known after apply)");
    const text = changes().texts[number];
    return text === "" ? make("i", null, "(empty)") : make("code", null, visible(text));
  }

  function changeRow(number, tenant) {
    const { texts, kinds, kind, name, id, before, after, notes } = changes();
    const [system, resource, property, action, rule, reversible, inMode] = kinds[kind[number]];
    const outside = inMode ? null : make("small", { class: "note" }, isDry(tenant) ? "really made during the dry run" : "only looked at, not made");
    return make(
      "tr",
      { class: action },
      make("th", { scope: "row" }, tenantLink(tenant)),
      make("td", null, make("b", null, action), " ", visible(property), reversible ? null : make("small", { class: "note" }, "cannot be undone"), outside),
      make(
        "td",
        null,
        make("strong", null, visible(texts[name[number]])),
        make("small", null, `${fleet.systems[system]} `, visible(resource)),
        id[number] === name[number] ? null : make("small", { class: "id" }, visible(texts[id[number]])),
        number in notes ? make("small", { class: "note" }, "Acknowledged: ", visible(texts[notes[number]])) : null,
      ),
      make("td", null, value(before[number])),
      make("td", null, value(after[number])),
      make("td", null, visible(rule)),
    );
  }

  const isDry = (tenant) => tenant.run !== null && fleet.runs[tenant.run].mode === "check";

  const changeTable = (rows, kind) =>
    table(
      `changes ${kind}`,
      "Changes",
      row("th", "Tenant", "Change", "Of", "Before", "After", "Rule"),
      rows.map((number) => () => changeRow(number, tenantOf(number))),
    );

  // Problems

  function noticeItem(tenant, notice, withTenant) {
    const line = make("p", null);
    if (withTenant) line.append(make("strong", null, tenantLink(tenant)), " ");
    line.append(pill(notice.kind, NOTICE_COLORS[notice.kind] || "amber"), " ", ...visible(notice.step));
    const places = ["server", "object"].map((name) => notice[name]).filter(Boolean);
    return make(
      "li",
      null,
      line,
      make("p", { class: "message" }, visible(notice.message), ...places.map((place) => make("small", null, " ", visible(place)))),
      notice.answer ? make("p", { class: "message" }, make("small", null, visible(notice.answer))) : null,
      notice.advice ? make("p", { class: "message advice" }, visible(notice.advice)) : null,
      notice.ignored ? make("p", null, make("small", null, notice.ignored)) : null,
    );
  }

  function problems(chosen, state, words) {
    const step = state.step === "" ? null : fleet.steps[Number(state.step)];
    return chosen.flatMap((tenant) =>
      tenant.notices
        .filter((notice) => !step || notice.step === step.label)
        .filter((notice) => {
          const text = [tenant.name, ...Object.values(notice)].join("\n").toLowerCase();
          return words.every((word) => text.includes(word));
        })
        .map((notice) => () => noticeItem(tenant, notice, true)),
    );
  }

  // One tenant

  function showTenant(tenant) {
    const first = fleet.starts[tenant.place];
    const rows = Array.from({ length: fleet.starts[tenant.place + 1] - first }, (_, place) => first + place);
    const run = tenant.run === null ? null : fleet.runs[tenant.run];
    const fact = (name, ...children) => make("div", null, make("dt", null, name), make("dd", null, ...children));
    return [
      make("h2", { tabindex: "-1", id: "name" }, ...visible(tenant.name), " ", pill(tenant.state, fleet.states[tenant.state])),
      make(
        "dl",
        { class: "facts" },
        run ? fact("Playbook", ...visible(run.playbook)) : null,
        run ? fact(run.mode === "check" ? "Dry run" : "Applied", when(run.started)) : null,
        run ? fact("Folder", make("code", null, ...visible(run.folder))) : null,
        fact("Since the run before", pill(tenant.since, fleet.compared[tenant.since])),
      ),
      ...(tenant.notices.length ? [make("h2", null, "Problems"), ...list(tenant.notices.map((notice) => () => noticeItem(tenant, notice, false)))] : []),
      ...(tenant.steps.length ? [make("h2", null, "Steps"), ...table("ran", "Steps", row("th", "Step", "Ended"), tenant.steps.map(([step, ending, , label]) => () => ranRow(step, ending, label)))] : []),
      make("h2", null, run && run.mode === "check" ? "Changes that would be made" : "Changes"),
      ...(rows.length ? changeTable(rows, "of-one") : [none("None.")]),
      make("h2", null, "Runs before"),
      ...(tenant.history.length
        ? table("history", "Runs before", row("th", "Began", "Playbook", "Mode", "State", "Changes"), tenant.history.map((entry) => () => historyRow(entry)))
        : [none("None is known.")]),
    ];
  }

  function ranRow(step, ending, label) {
    const { role, name } = fleet.steps[step];
    return make(
      "tr",
      null,
      make("th", { scope: "row" }, role ? make("small", null, visible(role)) : null, visible(name)),
      make("td", null, ending in ENDING_COLORS || ending === "open gate" ? pill(label, ENDING_COLORS[ending] || "amber") : label),
    );
  }

  const historyRow = ([began, mode, playbook, state, number]) =>
    make(
      "tr",
      null,
      make("td", null, when(began)),
      make("td", null, visible(playbook)),
      make("td", null, mode === "check" ? "dry run" : "applied"),
      make("td", null, pill(state, fleet.states[state])),
      make("td", { class: "number" }, number.toLocaleString("en")),
    );

  // All together

  // The tenants of some that fit the words too, and the changes that do.
  function narrowed(some, state, words) {
    if (!words.length && !state.system && !state.action) {
      const rows = state.view === "changes" ? matching(some, state, words).rows : null;
      return { tenants: some, rows };
    }
    const { rows, byTenant } = matching(some, state, words);
    const isAboutChanges = state.system || state.action;
    const shows = (tenant) => byTenant.has(tenant) || (!isAboutChanges && told(tenant, words));
    return { tenants: some.filter(shows), rows };
  }

  function select(state) {
    const words = state.q.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = tenants.filter(chooses(state));
    const { tenants: chosen, rows } = narrowed(fitting, state, words);
    const hasStep = state.step || state.ended;
    const ofAnyStep = () => narrowed(tenants.filter(chooses(state, false)), state, words).tenants;
    return {
      tenants: chosen,
      steps: hasStep && state.view === "steps" ? ofAnyStep() : chosen,
      changes: rows,
      problems: problems(fitting, state, words),
    };
  }

  const shown = {
    tenants: (chosen) => showTenants(chosen.tenants),
    steps: (chosen) => showSteps(chosen.steps),
    changes: (chosen) => (chosen.changes.length ? changeTable(chosen.changes, "") : [none("No change fits.")]),
    problems: (chosen) => (chosen.problems.length ? list(chosen.problems) : [none("There is nothing to look at.")]),
  };

  function counts(chosen, state) {
    const all = fleet.starts[tenants.length];
    const isNarrowed = FIELDS.some((name) => state[name]);
    return {
      tenants: chosen.tenants.length,
      steps: fleet.steps.length,
      changes: chosen.changes ? chosen.changes.length : isNarrowed ? countedOf(chosen.tenants) : all,
      problems: chosen.problems.length,
    };
  }

  const countedOf = (some) =>
    some.reduce((sum, { place }) => sum + fleet.starts[place + 1] - fleet.starts[place], 0);

  function render() {
    if (needsChanges(current) && document.readyState === "loading") {
      // The changes stand at the end of the page, and it is not there yet.
      content.replaceChildren(none("Reading the changes…"));
      return;
    }
    const tenant = current.t ? named.get(current.t) : null;
    form.hidden = views.hidden = Boolean(current.t);
    if (current.t) {
      const back = make("a", { class: "back", href: address({ ...current, t: "" }) }, "← All tenants");
      content.replaceChildren(back, ...(tenant ? showTenant(tenant) : [none(`There is no tenant ${current.t} in this report.`)]));
      return;
    }
    const chosen = select(current);
    const numbers = counts(chosen, current);
    views.replaceChildren(
      ...Object.entries(VIEWS).map(([view, name]) => {
        const item = link({ view }, `${name} ${numbers[view].toLocaleString("en")}`);
        if (view === current.view) item.setAttribute("aria-current", "page");
        return item;
      }),
    );
    found.textContent = FIELDS.some((name) => current[name])
      ? `${amount(numbers.tenants, "tenant", "tenants")} of ${tenants.length.toLocaleString("en")}, ${amount(numbers.changes, "change", "changes")}, ${amount(numbers.problems, "problem", "problems")}`
      : "";
    content.replaceChildren(...shown[current.view](chosen));
  }

  function filtered() {
    clearTimeout(waiting);
    waiting = 0;
    const given = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
    if (FIELDS.every((name) => given[name] === current[name])) return;
    current = { ...current, ...given };
    history.replaceState(null, "", address(current));
    render();
  }

  function followed() {
    const before = current.t;
    current = recalled();
    FIELDS.forEach((name) => {
      form.elements[name].value = current[name];
    });
    render();
    const heading = document.getElementById("name");
    if (current.t && current.t !== before && heading) {
      window.scrollTo(0, 0);
      heading.focus();
    }
  }

  function pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const isTyping = event.target.matches && event.target.matches("input, select, textarea");
    if (event.key === "/" && !isTyping && !current.t) {
      event.preventDefault();
      form.elements.q.focus();
      form.elements.q.select();
    } else if (event.key === "Escape" && current.t) {
      location.hash = address({ ...current, t: "" });
    } else if (event.key === "Escape" && event.target === form.elements.q) {
      form.elements.q.value = "";
      filtered();
    }
  }

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filtered, 120);
  });
  form.addEventListener("change", filtered);
  form.addEventListener("reset", () => setTimeout(filtered));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    filtered();
  });
  document.addEventListener("keydown", pressed);
  window.addEventListener("hashchange", followed);
  followed();
  document.addEventListener("DOMContentLoaded", () => {
    if (needsChanges(current)) followed();
  });
})();
