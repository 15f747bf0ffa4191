// What does not fit on the page as it stands. Asked: {width, target, dense, text} in CSS pixels. Answers lines "what: selector “words” size".
(asked) => {
  const found = [];
  const half = 0.5; // layouts round
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
  for (const frame of document.querySelectorAll(".table-frame")) {
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
    && Boolean(control.closest(asked.width > 960 ? ".table, .side, .pages, .button--dense, .handling__back, .worklist__narrow, .pane__bar" : ".table"));
  for (const control of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (isInSentence(control)) continue;
    const { width, height } = areaOf(control);
    if (!isShown(control) && !(control.matches("input") && width > 1)) continue;
    const least = isDense(control) ? asked.dense : asked.target;
    if (height < least - half || width < least - half) say(`under ${least}`, control, `${Math.round(width)}×${Math.round(height)}`);
  }

  // 3. No text is smaller than can be read.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || seen.has(element) || !isShown(element)) continue;
    seen.add(element);
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (size < asked.text - 0.01) say(`text under ${asked.text}`, element, `${size}`);
  }
  return found;
}
