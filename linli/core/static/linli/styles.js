// Only for /styles/: a frame is as high as what it shows. Without this it scrolls.
function fit(frame) {
  const page = frame.contentDocument;
  if (page && page.body) frame.style.height = `${Math.min(page.documentElement.scrollHeight + 4, 900)}px`;
}
for (const frame of document.querySelectorAll("[data-fit]")) {
  frame.addEventListener("load", () => fit(frame));
  if (frame.contentDocument && frame.contentDocument.readyState === "complete") fit(frame);
}
