
// What comes is shown in place, without losing where somebody is; while nobody looks at the page, nothing is asked. What a
// document holds that comes by a request runs nowhere, and nothing of its head is taken over.
for (const live of document.querySelectorAll("[data-live]")) {
  const state = live.querySelector("[data-stale]");
  const fresh = state.textContent;
  let asking = false;
  const stale = () => {
    const time = new Date().toLocaleTimeString(document.documentElement.lang);
    if (state.textContent === fresh) state.textContent = state.dataset.stale.replace("{}", time);
  };
  const show = (answer) => {
    const [rows, next] = [live.querySelector("[data-rows]"), answer?.querySelector("[data-rows]")];
    if (!next) return stale();
    state.textContent = fresh;
    const at = document.activeElement?.closest("[data-rows] a")?.getAttribute("href");
    rows.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
    enliven(rows);
    if (at) rows.querySelector(`a[href="${CSS.escape(at)}"]`)?.focus({ preventScroll: true });
    return undefined;
  };
  const ask = () => {
    // A text that somebody is selecting stays.
    if (asking || document.hidden || String(getSelection()) !== "") return;
    asking = true;
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.timeout = 10000;
    request.onload = () => (request.status === 200 ? show(request.response) : stale());
    request.onerror = stale;
    request.ontimeout = stale;
    request.onloadend = () => { asking = false; };
    request.open("GET", location.href);
    request.send();
  };
  setInterval(ask, Number(live.dataset.live) * 1000);
  document.addEventListener("visibilitychange", ask);
}
