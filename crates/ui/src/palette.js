
// The search of the console finds while somebody types: Ctrl-K goes there, arrows choose, Enter opens.
const search = document.querySelector(".find input");
if (search) {
  const list = search.closest(".find").querySelector("[role=listbox]");
  let chosen = -1;
  let asked = 0;
  const options = () => [...list.children];
  const choose = (at) => {
    chosen = at;
    for (const [place, option] of options().entries()) option.setAttribute("aria-selected", String(place === at));
    const option = options()[at];
    if (option) {
      search.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else search.removeAttribute("aria-activedescendant");
  };
  const show = (hits) => {
    list.replaceChildren(...hits.map((hit, at) => {
      const option = document.createElement("li");
      option.id = `find-${at}`;
      option.setAttribute("role", "option");
      option.dataset.url = hit.url;
      const kind = document.createElement("span");
      kind.className = "muted";
      kind.textContent = hit.kind;
      const text = document.createElement("bdi");
      text.textContent = hit.text;
      option.append(text, kind);
      return option;
    }));
    list.hidden = hits.length === 0;
    search.setAttribute("aria-expanded", String(hits.length > 0));
    choose(hits.length > 0 ? 0 : -1);
  };
  search.setAttribute("role", "combobox");
  search.setAttribute("aria-expanded", "false");
  search.setAttribute("aria-autocomplete", "list");
  search.setAttribute("aria-controls", list.id);
  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const turn = ++asked;
      const words = search.value.trim();
      let hits = [];
      if (words !== "") {
        const answer = await fetch(`/find?format=json&q=${encodeURIComponent(words)}`).catch(() => undefined);
        if (answer?.ok) hits = await answer.json();
      }
      // What was asked later counts.
      if (turn === asked) show(hits);
    }, 120);
  });
  search.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.key === "Escape" && count > 0) {
      show([]);
      event.preventDefault();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count > 0) {
      choose((chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
      event.preventDefault();
    } else if (event.key === "Enter" && options()[chosen]) {
      location.assign(options()[chosen].dataset.url);
      event.preventDefault();
    }
  });
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[data-url]");
    if (option) location.assign(option.dataset.url);
    event.preventDefault();
  });
  search.addEventListener("blur", () => show([]));
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
}

// ? tells the keys; g and a letter goes to a place of the rail. Not while somebody types.
const help = document.querySelector("dialog.keys");
let going = 0;
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (going > 0 && event.timeStamp - going < 1500) {
    going = 0;
    document.querySelector(`.rail a[data-key="${CSS.escape(event.key)}"]`)?.click();
  } else if (event.key === "g") going = event.timeStamp;
  else if (event.key === "?") help?.showModal();
});
