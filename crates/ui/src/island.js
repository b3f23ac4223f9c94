// What pages can do once there is a script. They are whole without it.

const rows = (part) => [...part.querySelectorAll("tbody tr")].filter((row) => row.querySelector("a[href]"));

// Gives a part of a page, or all of it, what needs a script.
const enliven = (part) => {
  // Buttons that need one are hidden until then.
  for (const button of part.querySelectorAll("button[data-copy], button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      if ("print" in button.dataset) {
        window.print();
        return;
      }
      const label = button.querySelector("span");
      const before = label.textContent;
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        label.textContent = button.dataset.copied;
      } catch {
        label.textContent = button.dataset.failed;
      }
      setTimeout(() => { label.textContent = before; }, 2000);
    });
  }

  // Moments are told in the reader's zone; the exact one (UTC) stays beside it.
  const moment = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "long" });
  for (const time of part.querySelectorAll("time[datetime]")) {
    time.title = `${moment.format(new Date(time.dateTime))}\n${time.dateTime}`;
  }

  // A row leads where the first link in it does.
  for (const row of rows(part)) {
    row.classList.add("opens");
    row.addEventListener("click", (event) => {
      const chosen = window.getSelection().toString() !== "";
      if (chosen || event.target.closest("a, button, input, select, textarea, label, summary")) return;
      const link = row.querySelector("a[href]");
      if (event.ctrlKey || event.metaKey) window.open(link.href);
      else link.click();
    });
  }
};
enliven(document);

// j and k walk through the rows, / goes to the search; not while somebody types.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j" || event.key === "k") {
    const all = rows(document);
    const links = all.map((row) => row.querySelector("a[href]"));
    const here = all.findIndex((row) => row.contains(document.activeElement));
    const next = event.key === "j" ? here + 1 : here - 1;
    links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
  } else if (event.key === "/") {
    const search = document.querySelector("main [role=search] input");
    if (!search) return;
    event.preventDefault();
    search.focus();
  }
});
