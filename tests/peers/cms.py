"""Takes the signature of a PDF apart for openssl: cms.py FILE OUT writes OUT/message.der and
OUT/content.bin."""
import re
import sys

file, out = sys.argv[1:3]
data = open(file, "rb").read()
found = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data)
start, head, tail, rest = map(int, found[-1])
message = bytes.fromhex(data[head + 1 : tail - 1].decode())
length = int.from_bytes(message[2:4], "big") + 4
open(f"{out}/message.der", "wb").write(message[:length])
open(f"{out}/content.bin", "wb").write(data[start:head] + data[tail : tail + rest])
