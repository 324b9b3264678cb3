// Adds what plain HTML cannot: dropping a file, and the print button. Every page works without it.
document.documentElement.classList.add("js");
const problem = document.getElementById("problem");
if (problem) problem.focus();
const print = document.getElementById("print");
if (print) print.addEventListener("click", () => window.print());
const drop = document.getElementById("drop");
const file = document.getElementById("file");
if (drop && file) {
  const over = (on) => (event) => { event.preventDefault(); drop.classList.toggle("over", on); };
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) { file.files = event.dataTransfer.files; file.form.requestSubmit(); }
  });
}
