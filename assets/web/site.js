// Adds what plain HTML cannot: dropping a file, the camera, the print button. Every page works without it.
document.documentElement.classList.add("js");
const byId = (id) => document.getElementById(id);
const problem = byId("problem");
if (problem) problem.focus();
const print = byId("print");
if (print) print.addEventListener("click", () => window.print());

const drop = byId("drop");
const file = byId("file");
if (drop && file) {
  const over = (on) => (event) => { event.preventDefault(); drop.classList.toggle("over", on); };
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) { file.files = event.dataTransfer.files; file.form.requestSubmit(); }
  });
  file.addEventListener("change", () => {
    if (file.files.length) byId("chosen").textContent = file.files[0].name;
  });
}

// A symbol is followed only when it names this very site: whoever made it chose the address in it.
const scan = byId("scan");
const camera = byId("camera");
if (scan && camera && "BarcodeDetector" in window && navigator.mediaDevices) {
  scan.hidden = false;
  scan.addEventListener("click", async () => {
    scan.hidden = true;
    camera.hidden = false;
    const video = byId("video");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      byId("seen").textContent = camera.dataset.none;
      return;
    }
    video.srcObject = stream;
    await video.play();
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    const look = async () => {
      for (const { rawValue } of await detector.detect(video).catch(() => [])) {
        const address = URL.canParse(rawValue) ? new URL(rawValue) : null;
        const code = address && /\/v\/([0-9A-Za-z]{16})$/.exec(address.pathname);
        if (code && address.host === camera.dataset.host && /^https?:$/.test(address.protocol)) {
          for (const track of stream.getTracks()) track.stop();
          location.assign(camera.dataset.at + code[1]);
          return;
        }
        byId("seen").textContent = camera.dataset.foreign + (address ? address.host : rawValue).slice(0, 80);
      }
      setTimeout(look, 200);
    };
    look();
  });
}
