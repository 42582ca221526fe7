"""What a browser fetches of Dew until a page is live, as its network log counts it: program and host by gzip, and the heads of
both responses; what it fetches after that (client/later.js) is printed. For an application with the showcase's board alone there is a limit, which holds by zlib as well as by zopfli;
what each further page of the showcase adds is printed."""
import os
import re
import shutil
import socket
import subprocess
import tempfile
import unittest
import urllib.parse
import zlib

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BOARD_MAX = 20 * 1024
SHOWCASE = "examples/showcase"
ASSET = r'"/_dew/client\.[0-9a-f]+\.%s"[^\n]*?blob \+ \d+, \d+ \}, \{ [^{}]*blob \+ \d+, (\d+) \}'


def by_zlib_alone(path):
    """What tools/embed makes of it where zopfli is not there."""
    with open(path, "rb") as file:
        data = file.read()
    packers = [zlib.compressobj(9, zlib.DEFLATED, 31, memory) for memory in range(5, 10)]
    return min(len(packer.compress(data) + packer.flush()) for packer in packers)


def response(port, path):
    """Head and body of a GET as they come over the wire to a browser, which keeps the connection."""
    with socket.create_connection(("127.0.0.1", port)) as peer, peer.makefile("rb") as answer:
        peer.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        lines = [answer.readline()]
        while lines[-1] not in (b"", b"\r\n"):
            lines.append(answer.readline())
        head = b"".join(lines)
        return head, answer.read(int(re.search(rb"Content-Length: (\d+)", head).group(1)))


class Size(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def embedded(self, name, sources):
        """gzip bytes of wasm and host as they are embedded, and the folder with both."""
        output = os.path.join(self.folder, name + ".wasm.o")
        done = subprocess.run([os.path.join(TREE, "tools/dew-wasm"), "--half", os.path.join(os.environ["DEW_BUILD"], "wasm"), "-I",
                               SHOWCASE, "--name", name, *sources, "-o", output], cwd=TREE, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(output + ".d", "embedded.c"), encoding="utf-8") as file:
            text = file.read()
        return [int(re.search(ASSET % kind, text).group(1)) for kind in ("wasm", "js")], output + ".d"

    def heads(self):
        """Bytes of the heads of both responses, from a program that serves its own; the board's have as many digits."""
        program = os.path.join(os.environ["DEW_BUILD"], "bin/showcase")
        if not os.path.exists(program):
            self.skipTest("the showcase is not built")
        data = os.path.join(self.folder, "data")
        os.mkdir(data)
        server = subprocess.Popen([program, "--port", "0", "--data", data], stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (server.terminate(), server.wait(), server.stdout.close()))
        port = urllib.parse.urlsplit(server.stdout.readline().strip()).port
        page = response(port, "/board/b1")[1].decode()
        paths = re.findall(r'"(/_dew/client\.[0-9a-f]+\.(?:wasm|js))"', page)
        self.assertEqual(len(paths), 2)
        heads = [response(port, path)[0] for path in paths]
        for head in heads:
            self.assertIn(b"Content-Encoding: gzip\r\n", head)
        return sum(len(head) for head in heads)

    def app(self, pages):
        """The sources of an application with these pages of the showcase."""
        path = os.path.join(self.folder, "app.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#include <dew/dew.h>\nextern const dew_layout frame;\nconst dew_layout frame = { 0 };\n" + "".join(f"extern const dew_page {page};\n" for page in pages) +
                       f"DEW_SITE(app, .name = \"Size\", .pages = DEW_PAGES({', '.join('&' + page for page in pages)}))\n")
        return [path] + [f"{SHOWCASE}/{page}/{page}.c" for page in pages]

    def test_board_alone(self):
        for tool in ("wasm-opt", "esbuild"):
            if not shutil.which(tool):
                self.skipTest(f"without {tool} it is larger")
        heads = self.heads()
        (wasm, host), folder = self.embedded("board", ["bench/app_board/app.c", f"{SHOWCASE}/board/board.c"])
        print(f"after that: {by_zlib_alone(os.path.join(folder, 'later.js'))} bytes")
        by_zlib = by_zlib_alone(os.path.join(folder, "board.wasm")), by_zlib_alone(os.path.join(folder, "host.js"))
        for how, (wasm, host) in {"as embedded": (wasm, host), "by zlib alone": by_zlib}.items():
            whole = wasm + host + heads
            print(f"/board alone, {how}: {wasm} wasm + {host} host + {heads} heads = {whole} bytes; {BOARD_MAX - whole} left")
            self.assertLessEqual(whole, BOARD_MAX, f"{how}; tools/size-report says where the bytes are")

    def test_each_further_page(self):
        pages, before = ["board"], None
        folders = sorted(entry.name for entry in os.scandir(os.path.join(TREE, SHOWCASE))
                         if os.path.isfile(f"{entry.path}/{entry.name}.c"))
        for page in pages + [folder for folder in folders if folder not in pages]:
            pages = sorted({*pages, page})
            (size, _), _ = self.embedded("pages", self.app(pages))
            print(f"/{page}: {size - before:+} bytes" if before else f"/{page}: {size} bytes", "of wasm by gzip")
            before = size


if __name__ == "__main__":
    unittest.main()
