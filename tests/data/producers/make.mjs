// What JavaScript's libraries write: make.mjs FOLDER.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.NODE_PATH, "x"));
const out = process.argv[2];
const at = new Date("2026-01-01T00:00:00Z");

const { PDFDocument, StandardFonts } = require("pdf-lib");
for (const [name, useObjectStreams] of [["pdf-lib", false], ["pdf-lib-objstm", true]]) {
  const file = await PDFDocument.create();
  file.setCreationDate(at);
  file.setModificationDate(at);
  file.setTitle("样本 (SAMPLE)");
  const page = file.addPage([300, 300]);
  page.drawText("SAMPLE", { font: await file.embedFont(StandardFonts.TimesRoman) });
  const field = file.getForm().createTextField("a.b");
  field.setText("old");
  field.addToPage(page, { x: 20, y: 100 });
  fs.writeFileSync(path.join(out, `${name}.pdf`), await file.save({ useObjectStreams }));
}

const PDFKit = require("pdfkit");
const kit = new PDFKit({ info: { Title: "SAMPLE", CreationDate: at }, pdfVersion: "1.7", tagged: true, lang: "en" });
const sink = fs.createWriteStream(path.join(out, "pdfkit.pdf"));
kit.pipe(sink);
kit.addStructure(kit.struct("P", () => kit.text("SAMPLE")));
kit.image(path.join(out, "picture.png"), 100, 100);
kit.end();
await new Promise((done) => sink.on("finish", done));

const { jsPDF } = require("jspdf");
const page = new jsPDF({ compress: true });
page.setCreationDate(at);
page.text("SAMPLE", 20, 20);
fs.writeFileSync(path.join(out, "jspdf.pdf"), Buffer.from(page.output("arraybuffer")));
