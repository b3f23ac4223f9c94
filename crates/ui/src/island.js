// Buttons that need a script are hidden until there is one.
for (const button of document.querySelectorAll("button[data-copy], button[data-print]")) {
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
      label.textContent = "Copied";
    } catch {
      label.textContent = "Select it and copy";
    }
    setTimeout(() => { label.textContent = before; }, 2000);
  });
}
