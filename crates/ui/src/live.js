
// What comes is shown in place, without losing where somebody is; while nobody looks at the page, nothing is asked. The
// answer waits until there is something new, or is empty. What a document holds that comes by a request runs nowhere, and
// nothing of its head is taken over.
for (const live of document.querySelectorAll("[data-live]")) {
  const state = live.querySelector("[data-stale]");
  const fresh = state.textContent;
  let asking = false;
  const stale = () => {
    const time = new Date().toLocaleTimeString(document.documentElement.lang);
    if (state.textContent === fresh) state.textContent = state.dataset.stale.replace("{}", time);
  };
  const shown = live.querySelector("[data-rows]");
  const show = (answer) => {
    const next = answer?.querySelector("[data-rows]");
    if (!next) return stale();
    state.textContent = fresh;
    if (String(getSelection()) !== "") return undefined;
    const at = document.activeElement?.closest("[data-rows] a")?.getAttribute("href");
    shown.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
    shown.dataset.rows = next.dataset.rows;
    enliven(shown);
    if (at) shown.querySelector(`a[href="${CSS.escape(at)}"]`)?.focus({ preventScroll: true });
    return undefined;
  };
  const ask = () => {
    // A text that somebody is selecting stays.
    if (asking || document.hidden || String(getSelection()) !== "") return;
    asking = true;
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.timeout = 30000;
    request.onload = () => {
      if (request.status === 204) state.textContent = fresh;
      else if (request.status === 200) show(request.response);
      else stale();
    };
    request.onerror = stale;
    request.ontimeout = stale;
    request.onloadend = () => { asking = false; };
    const url = new URL(location.href);
    url.searchParams.set("after", shown.dataset.rows);
    request.open("GET", url);
    request.send();
  };
  setInterval(ask, Number(live.dataset.live) * 1000);
  document.addEventListener("visibilitychange", ask);
}
