
// What comes is shown in place, without losing where somebody is; while nobody looks at the page, nothing is asked. The
// answer waits until there is something new, or is empty. What a document holds that comes by a request runs nowhere, and
// nothing of its head is taken over.
for (const live of document.querySelectorAll("[data-live]")) {
  const state = live.querySelector("[data-stale]");
  const fresh = state.textContent;
  const every = Number(live.dataset.live) * 1000;
  // Where something comes all the time it is asked less often, and else answered at once.
  let [asking, pause, last] = [false, every, 0];
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
    if (asking || document.hidden || String(getSelection()) !== "" || Date.now() - last < pause) return;
    asking = true;
    const began = Date.now();
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
    request.onloadend = () => {
      [asking, last] = [false, Date.now()];
      pause = state.textContent === fresh && last - began < every ? Math.min(pause * 2, 4 * every) : every;
    };
    const url = new URL(location.href);
    // When nobody has answered for a while, the next answer comes at once, whatever there is to show.
    if (state.textContent === fresh) url.searchParams.set("after", shown.dataset.rows);
    request.open("GET", url);
    request.send();
  };
  setInterval(ask, 1000);
  document.addEventListener("visibilitychange", () => {
    last = 0;
    ask();
  });
}
