// Copy the list of files; where the browser forbids it, select it for the keyboard.
const copy = document.querySelector("button.copy");
copy?.addEventListener("click", async () => {
  const list = document.querySelector("textarea.list");
  const status = copy.parentElement.querySelector("[role=status]");
  list.select();
  try {
    await navigator.clipboard.writeText(list.value);
    status.textContent = "copied";
  } catch {
    status.textContent = document.execCommand("copy") ? "copied" : "press Ctrl+C to copy";
  }
});
