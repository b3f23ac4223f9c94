
// Dragging over the columns of a chart leads to the list of all that is in them; so do Shift with an arrow, and Enter.
for (const spans of document.querySelectorAll(".chart .spans")) {
  const columns = [...spans.children];
  let from = -1;
  let to = -1;
  const mark = (first, last) => {
    [from, to] = [first, last];
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    for (const [at, column] of columns.entries()) column.classList.toggle("chosen", from !== to && at >= low && at <= high);
  };
  const column = (event) => {
    const box = spans.getBoundingClientRect();
    const at = Math.floor(((event.clientX - box.left) / box.width) * columns.length);
    return Math.max(0, Math.min(columns.length - 1, at));
  };
  const open = () => {
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    const links = columns.slice(low, high + 1).map((each) => each.querySelector("a")).filter(Boolean);
    mark(-1, -1);
    if (links.length === 0) return;
    // Columns without a link are empty: what is chosen begins with the first that has one, and ends with the last.
    const address = new URL(links[0].href);
    address.searchParams.set("until", new URL(links.at(-1).href).searchParams.get("until"));
    location.assign(address);
  };
  spans.addEventListener("dragstart", (event) => event.preventDefault());
  spans.addEventListener("pointerdown", (event) => {
    if (event.button === 0) mark(column(event), column(event));
  });
  spans.addEventListener("pointermove", (event) => {
    if (from < 0 || event.buttons !== 1 || column(event) === to) return;
    spans.setPointerCapture(event.pointerId);
    mark(from, column(event));
  });
  spans.addEventListener("pointerup", () => (from === to ? mark(-1, -1) : open()));
  spans.addEventListener("pointercancel", () => mark(-1, -1));
  spans.addEventListener("keydown", (event) => {
    const here = columns.indexOf(event.target.closest("li"));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.shiftKey && step) {
      if (from < 0) mark(here, here);
      mark(from, Math.max(0, Math.min(columns.length - 1, to + step)));
    } else if (event.key === "Enter" && from !== to) open();
    else if (event.key === "Escape") mark(-1, -1);
    else return;
    event.preventDefault();
  });
}
