// What does not fit on the page as it stands. Asked: {width, target, dense, text, gap} in CSS pixels. Answers {what: fault and selector, more: words and size}.
(asked) => {
  const found = [];
  const half = 0.5; // layouts round
  const ROWS = ".row, .tabs a, .segment a, .side a, .pages a, tr a, .brand, .tile, .choice, .choice *, summary";
  const nameOf = (element) => {
    const own = element.tagName.toLowerCase() + [...element.classList].map((name) => `.${name}`).join("");
    const above = element.parentElement && element.parentElement.closest("[class]");
    return `${above ? `${[...above.classList].map((name) => `.${name}`).join("")} ` : ""}${own}`;
  };
  const wordsOf = (element) => (element.textContent.trim() || element.getAttribute("aria-label") || element.name || "").replace(/\s+/g, " ").slice(0, 16);
  const say = (what, element, size) => found.push({ what: `${what} ${nameOf(element)}`, more: `“${wordsOf(element)}” ${size}` });
  const isShown = (element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && style.visibility === "visible" && !element.closest(".visually-hidden, .skip, .only-print");
  };
  const inText = (element) => element.closest("a[href], button, summary, label, [title]");
  // What lies above the page as one scrolls, with all that is in it; null for what scrolls along.
  const floats = (element) => {
    for (let above = element; above; above = above.parentElement) {
      if (above.matches(".popover") || ["fixed", "sticky"].includes(getComputedStyle(above).position)) return above;
    }
    return null;
  };
  for (const folded of document.querySelectorAll("details:not(.helper)")) folded.open = true;

  // 1. Nothing to scroll sideways, but inside a frame that is there for it.
  const isFramed = (element) => {
    for (let above = element.parentElement; above; above = above.parentElement) {
      if (above !== document.body && ["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(above).overflowX)) return true;
    }
    return false;
  };
  if (document.scrollingElement.scrollWidth > asked.width) {
    const wide = [...document.body.querySelectorAll("*")].filter((element) =>
      isShown(element) && element.getBoundingClientRect().right > asked.width + half && !isFramed(element));
    const inmost = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)));
    for (const element of inmost.slice(0, 5)) say("too wide", element, `to ${Math.round(element.getBoundingClientRect().right)}`);
    if (!inmost.length) say("too wide", document.body, `to ${document.scrollingElement.scrollWidth}`);
  }

  // A table that becomes cards says the name of its column beside every value, and no list is dragged sideways.
  const isCards = (table) => getComputedStyle(table).display === "block";
  for (const table of document.querySelectorAll(".table--cards")) {
    const named = new Set([...table.querySelectorAll("thead th")].map((head) => head.textContent.trim()));
    for (const cell of table.querySelectorAll("tbody td, tfoot td")) {
      if (cell.dataset.label === undefined ? !cell.querySelector("button, form") : !named.has(cell.dataset.label)) say("no column's name", cell, cell.dataset.label);
    }
    if ((asked.width <= 960 || asked.target >= 60) && !isCards(table) && isShown(table)) say("not cards", table, "");
  }
  for (const frame of document.querySelectorAll(".table-frame:not(.ledger__hours)")) { // a week by the hour is a picture, and keeps its shape
    if (isShown(frame) && frame.scrollWidth > frame.clientWidth + 1) say("to drag sideways", frame, `${frame.scrollWidth} in ${frame.clientWidth}`);
  }

  // 2. Everything one touches is as large as a finger. Links within a sentence are as high as the sentence (WCAG 2.5.8 excepts them).
  const areaOf = (control) => {
    if (control.matches("input[type=radio], input[type=checkbox], input[type=file]")) control = control.closest("label") || control;
    const after = getComputedStyle(control, "::after");
    if (after.content !== "none" && after.position === "absolute" && after.inset === "0px") {
      do control = control.parentElement; while (getComputedStyle(control).position === "static"); // it covers all of what holds it
    }
    return control.getBoundingClientRect();
  };
  const isInSentence = (control) => control.tagName === "A" && getComputedStyle(control).display === "inline"
    && control.parentElement.textContent.trim().length > control.textContent.trim().length;
  const isDense = (control) => document.body.matches(".face-desk")
    && Boolean(control.closest(asked.width > 960 ? ".table, .side, .pages, .button--dense, .handling__back, .worklist__narrow, .pane__bar, .heat__cell, .means__box" : ".table"));
  const touched = [];
  for (const control of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (isInSentence(control)) continue;
    const area = areaOf(control);
    if (!isShown(control) && !(control.matches("input") && area.width > 1)) continue;
    const { width, height } = area;
    const least = isDense(control) ? asked.dense : asked.target;
    if (control.closest("table.calendar") && width >= 44 && height >= least - half) { touched.push({ control, area, isPlain: control.matches(ROWS), sheet: floats(control) }); continue; } // seven days to a phone's width
    if (height < least - half || width < least - half) say(`under ${least}`, control, `${Math.round(width)}×${Math.round(height)}`);
    touched.push({ control, area, isPlain: control.matches(ROWS), sheet: floats(control) });
  }

  // 2b. A finger between two of them hits neither. Rows of a list, tabs and the parts of a switch touch by design: each is large enough.
  for (const [index, one] of touched.entries()) {
    if (one.isPlain || !asked.gap) continue;
    for (const other of touched.slice(index + 1)) {
      if (other.isPlain || one.sheet !== other.sheet || one.control.contains(other.control) || other.control.contains(one.control)) continue;
      const across = Math.max(one.area.left, other.area.left) - Math.min(one.area.right, other.area.right);
      const down = Math.max(one.area.top, other.area.top) - Math.min(one.area.bottom, other.area.bottom);
      if (Math.max(across, down) < asked.gap - half && Math.max(across, down) > -half) {
        say(`nearer than ${asked.gap}`, other.control, `${Math.round(Math.max(across, down))} after “${wordsOf(one.control)}”`);
      }
    }
  }

  // 3. Text: large enough, lines apart, whole, and not over other text.
  const clips = (value) => value === "hidden" || value === "clip";
  // Where the words end out of sight: beyond the edge of a box that cuts. An ellipsis that leads to the whole text, or names it, may cut.
  const cutBy = (element, box, size) => {
    for (let above = element; above && above !== document.body; above = above.parentElement) {
      const style = getComputedStyle(above);
      const isShortened = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
      if (style.position === "fixed") return null;
      if (!clips(style.overflowX) && !clips(style.overflowY)) continue;
      if (above.offsetWidth <= 2 || above.offsetHeight <= 2) return null; // put away, for screen readers alone
      if (isShortened && (inText(above) || (above.closest("tr, li") || above).querySelector("a[href]"))) return null;
      const edge = above.getBoundingClientRect();
      if (clips(style.overflowX) && (box.right > edge.right + 1 || box.left < edge.left - 1)) return above;
      if (clips(style.overflowY) && (box.bottom > edge.bottom + size / 3 || box.top < edge.top - size / 3)) return above;
    }
    return null;
  };
  // What is left of a line's box inside the boxes that cut (a shortened text lies on below its last line shown).
  const inSight = (element, { left, right, top, bottom }) => {
    const rect = { left, right, top, bottom };
    for (let above = element; above && above !== document.body; above = above.parentElement) {
      const style = getComputedStyle(above);
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const edge = above.getBoundingClientRect();
      rect.left = Math.max(rect.left, edge.left);
      rect.right = Math.min(rect.right, edge.right);
      rect.top = Math.max(rect.top, edge.top);
      rect.bottom = Math.min(rect.bottom, edge.bottom);
    }
    return rect;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  const lines = [];
  const range = document.createRange();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("option, textarea, script, style, svg") || !isShown(element)) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    range.selectNodeContents(walker.currentNode);
    const rects = [...range.getClientRects()].filter((rect) => rect.width > 1);
    if (!rects.length) continue;
    const cutter = cutBy(element, range.getBoundingClientRect(), size);
    if (cutter) say(`cut by ${nameOf(cutter)}:`, element, `${Math.round(range.getBoundingClientRect().right)}`);
    if (!floats(element)) for (const rect of rects.map((rect) => inSight(element, rect))) if (rect.bottom > rect.top + 1) lines.push({ element, rect });
    if (seen.has(element)) continue;
    seen.add(element);
    if (size < asked.text - 0.01) say(`text under ${asked.text}`, element, `${size}`);
    const tops = new Set(rects.map((rect) => Math.round(rect.top)));
    const leading = parseFloat(style.lineHeight) / size;
    if (tops.size > 1 && leading < 1.3 - 0.01) say("lines nearer than 1.3", element, leading.toFixed(2));
  }
  lines.sort((one, other) => one.rect.top - other.rect.top);
  for (const [index, { element, rect }] of lines.entries()) {
    for (let next = index + 1; next < lines.length && lines[next].rect.top < rect.bottom - 3; next += 1) {
      const { element: other, rect: beside } = lines[next];
      const across = Math.min(rect.right, beside.right) - Math.max(rect.left, beside.left);
      const down = Math.min(rect.bottom, beside.bottom) - beside.top;
      const height = Math.min(rect.bottom - rect.top, beside.bottom - beside.top);
      if (element !== other && across > 3 && down > height / 3 && !element.contains(other) && !other.contains(element)) {
        say(`over “${wordsOf(element)}”`, other, `${Math.round(across)}×${Math.round(down)}`);
      }
    }
  }

  // 4. What holds words holds all of them.
  for (const holder of document.querySelectorAll("button, .button, .chip, .tag, .choice, .tile, summary, th, td")) {
    if (isShown(holder) && !(holder.matches("thead *") && holder.closest("thead").offsetWidth <= 2) && holder.scrollWidth > holder.clientWidth + 1 && holder.clientWidth) say("spills over", holder, `${holder.scrollWidth} in ${holder.clientWidth}`);
  }
  return found;
}
