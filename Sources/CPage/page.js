(() => {
"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const make = (name, props = {}) => Object.assign(document.createElement(name), props);

// Tables: a button in each head sorts; long tables get a field that filters.
for (const table of all("table[data-sortable]")) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  all("thead th", table).forEach((head, column) => {
    const button = make("button", { type: "button", title: "Sort by this column" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const was = head.getAttribute("aria-sort");
      const next = was === "ascending" ? "descending" : was === "descending" ? null : "ascending";
      for (const other of all("thead th", table)) other.removeAttribute("aria-sort");
      if (next) head.setAttribute("aria-sort", next);
      const key = (row) => row.cells[column]?.dataset.v;
      const text = (row) => row.cells[column]?.textContent ?? "";
      const sign = next === "descending" ? -1 : 1;
      const rows = !next ? original : [...original].sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x !== undefined && y !== undefined) return sign * (Number(x) - Number(y));
        if (x !== undefined || y !== undefined) return x === undefined ? 1 : -1;
        return sign * text(a).localeCompare(text(b), "en", { numeric: true });
      });
      body.append(...rows);
    });
  });
  if (original.length < 12) continue;
  const field = make("input", { type: "search", placeholder: "Filter rows" });
  field.setAttribute("aria-label", "Filter rows of: " + table.caption.textContent);
  const place = make("p", { className: "find" });
  place.append(field);
  table.closest(".scroll").before(place);
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of original) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
}

// Charts: the legend switches series, and marks speak.
const tip = make("div", { className: "tip", hidden: true });
tip.setAttribute("role", "status");
document.body.append(tip);
const show = (mark, x, y) => {
  const text = mark.dataset.tip;
  if (!text) return;
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, x + 14), innerWidth - box.width - 8);
  const top = y + 18 + box.height > innerHeight ? y - box.height - 12 : y + 18;
  tip.style.left = left + "px";
  tip.style.top = Math.max(8, top) + "px";
};
const hide = () => { tip.hidden = true; };
for (const figure of all("figure[data-chart]")) {
  for (const item of all(".legend li", figure)) {
    const name = item.dataset.series;
    const button = make("button", { type: "button" });
    button.setAttribute("aria-pressed", "true");
    button.append(...item.childNodes);
    item.append(button);
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      for (const group of all("[data-series]", figure)) {
        if (group.dataset.series === name && group !== item) group.classList.toggle("off", !on);
      }
    });
  }
  for (const mark of all(".pt", figure)) {
    const title = mark.querySelector("title");
    if (!title) continue;
    mark.dataset.tip = title.textContent;
    title.remove();
    mark.addEventListener("pointerenter", (e) => show(mark, e.clientX, e.clientY));
    mark.addEventListener("pointermove", (e) => show(mark, e.clientX, e.clientY));
    mark.addEventListener("pointerleave", hide);
  }
  for (const svg of all("svg.chart", figure)) {
    const visible = () => all(".pt", svg).filter((mark) => !mark.closest(".off"));
    if (!svg.querySelector(".pt")) continue;
    let current = -1;
    svg.setAttribute("tabindex", "0");
    const leave = () => { for (const mark of all(".pt.on", svg)) mark.classList.remove("on"); };
    svg.addEventListener("keydown", (e) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
      if (e.key === "Escape") { leave(); hide(); return; }
      const marks = visible();
      if (!step || !marks.length) return;
      e.preventDefault();
      current = (current + step + marks.length) % marks.length;
      leave();
      marks[current].classList.add("on");
      const box = marks[current].getBoundingClientRect();
      show(marks[current], box.right, box.top);
    });
    svg.addEventListener("blur", () => { leave(); hide(); current = -1; });
  }
}
addEventListener("scroll", hide, { passive: true });

// Charts: the drawing and its data as files.
const save = (name, type, text) => {
  const link = make("a", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
for (const figure of all("figure[data-chart]")) {
  const id = figure.dataset.chart;
  const draw = () => {
    const shown = all("svg.chart[role=img]", figure).find((s) => s.getBoundingClientRect().width);
    const copy = shown.cloneNode(true);
    const space = "http://www.w3.org/2000/svg";
    const child = (parent, name, text) => {
      const element = document.createElementNS(space, name);
      element.textContent = text;
      parent.append(element);
    };
    for (const mark of all("[data-tip]", copy)) child(mark, "title", mark.dataset.tip);
    const [, , width, height] = copy.getAttribute("viewBox").split(" ");
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    copy.removeAttribute("tabindex");
    child(copy, "style", document.querySelector("style").textContent);
    return new XMLSerializer().serializeToString(copy);
  };
  const data = () => figure.querySelector("pre.data").textContent.replaceAll("\n", "\r\n");
  const row = make("p", { className: "files" });
  for (const [name, type, text] of [["SVG", "image/svg+xml", draw], ["CSV", "text/csv", data]]) {
    const button = make("button", { type: "button", textContent: name });
    button.setAttribute("aria-label", `${name} of: ${figure.querySelector("h3").textContent}`);
    button.addEventListener("click", () => save(`${id}.${name.toLowerCase()}`, type, text()));
    row.append(button);
  }
  figure.append(row);
}

// Claims: filter by verdict, document and words.
const panel = document.querySelector(".filters");
if (panel) {
  panel.hidden = false;
  const claims = all(".claim");
  const [verdict, paper, words] = ["verdict", "document", "words"].map((name) =>
    panel.querySelector(`[name=${name}]`));
  const count = panel.querySelector("output");
  const update = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const claim of claims) {
      const text = claim.textContent.toLowerCase();
      const fits = (!verdict.value || claim.dataset.verdict === verdict.value)
        && (!paper.value || claim.dataset.documents.split("; ").includes(paper.value))
        && wanted.every((word) => text.includes(word));
      claim.hidden = !fits;
      if (fits) shown += 1;
    }
    count.textContent = `${shown} of ${claims.length} claims`;
  };
  for (const control of [verdict, paper, words]) control.addEventListener("input", update);
  update();
}
// A link to a claim opens it.
const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (target && target.tagName === "DETAILS") target.open = true;
};
addEventListener("hashchange", reveal);
reveal();
})();
