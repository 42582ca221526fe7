"""What a browser fetches of Dew until a page is live: program and host as they are embedded, by gzip. For an application
with the showcase's board alone there is a limit; what each further page of the showcase adds is printed."""
import ctypes.util
import os
import re
import shutil
import subprocess
import tempfile
import unittest

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BOARD_MAX = 20 * 1024
SHOWCASE = "examples/showcase"
ASSET = r'"/_dew/client\.[0-9a-f]+\.%s"[^\n]*?blob \+ \d+, \d+ \}, \{ [^{}]*blob \+ \d+, (\d+) \}'


class Size(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def embedded(self, name, sources):
        """gzip bytes of wasm and host."""
        output = os.path.join(self.folder, name + ".wasm.o")
        done = subprocess.run([os.path.join(TREE, "tools/dew-wasm"), "--half", os.path.join(os.environ["DEW_BUILD"], "wasm"), "-I",
                               SHOWCASE, "--name", name, *sources, "-o", output], cwd=TREE, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(output + ".d", "embedded.c"), encoding="utf-8") as file:
            text = file.read()
        return [int(re.search(ASSET % kind, text).group(1)) for kind in ("wasm", "js")]

    def app(self, pages):
        """The sources of an application with these pages of the showcase."""
        path = os.path.join(self.folder, "app.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#include <dew/dew.h>\n" + "".join(f"extern const dew_page {page};\n" for page in pages) +
                       f"DEW_SITE(app, .name = \"Size\", .pages = DEW_PAGES({', '.join('&' + page for page in pages)}))\n")
        return [path] + [f"{SHOWCASE}/{page}/{page}.c" for page in pages]

    def test_board_alone(self):
        for tool in ("wasm-opt", "esbuild", "zopfli"):
            if not (shutil.which(tool) or ctypes.util.find_library(tool)):
                self.skipTest(f"without {tool} it is larger")
        wasm, host = self.embedded("board", ["bench/app_board/app.c", f"{SHOWCASE}/board/board.c"])
        print(f"/board alone: {wasm} wasm + {host} host = {wasm + host} bytes by gzip; {BOARD_MAX - wasm - host} left")
        self.assertLessEqual(wasm + host, BOARD_MAX, "tools/size-report says where the bytes are")

    def test_each_further_page(self):
        pages, before = ["board"], None
        folders = sorted(entry.name for entry in os.scandir(os.path.join(TREE, SHOWCASE))
                         if os.path.isfile(f"{entry.path}/{entry.name}.c"))
        for page in pages + [folder for folder in folders if folder not in pages]:
            pages = sorted({*pages, page})
            size, _ = self.embedded("pages", self.app(pages))
            print(f"/{page}: {size - before:+} bytes" if before else f"/{page}: {size} bytes", "of wasm by gzip")
            before = size


if __name__ == "__main__":
    unittest.main()
