"""tools/dew-wasm and dew-embed, on a small house of their own: what goes to which side, what is embedded, what is refused."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

HOUSE = {
    "src/base/freestanding/include/string.h":
        "#pragma once\n#include <stddef.h>\nsize_t strlen(const char *);\n"
        "void *memcpy(void *, const void *, size_t);\nint memcmp(const void *, const void *, size_t);\n",
    "src/base/freestanding/runtime.c":
        "#include <string.h>\nsize_t strlen(const char *s)\n{\n    size_t n = 0;\n    while (s[n])\n        n++;\n    return n;\n}\n",
    "src/page/start.client.c":
        "#include <string.h>\n"
        "__attribute__((import_module(\"env\"), import_name(\"say\"))) extern void say(const char *, size_t);\n"
        "extern const char *title(void);\n"
        "__attribute__((export_name(\"start\"))) void start(void)\n{\n    say(title(), strlen(title()));\n}\n",
    "client/main.js":
        "/** the host\n * @module */\nimport { greet } from './greet.js';\nimport {\n  NAME,\n} from './name.js';\n\n"
        "// says it\nconsole.log(greet(NAME), `a  b ${`c ${'}'}`} /* kept */`, /[/\"]\\//.test('/' + '/'), 8 / 2 / 2);\n"
        "let n = 1\nn++\n++n\nconsole.log(n)\n",
    "client/later.js": "export { greet } from './greet.js';\n",
    "client/greet.js": "import { NAME } from './name.js';\n/** @param {string} s */\nexport function greet(s) { return 'hello ' + s + NAME.length; }\n",
    "client/name.js": "export const NAME = 'dew';\n",
}
APP = {
    "app.h": "const char *title(void);\n",
    "app.c": '#include "app.h"\n\nconst char *title(void)\n{\n    return "MARK-BOTH";\n}\n',
    "app.server.c": "const char *secret(void);\nconst char *secret(void)\n{\n    return \"MARK-SERVER\";\n}\n",
    "app.client.c": "__attribute__((export_name(\"mark\"))) const char *mark(void);\n"
                    "const char *mark(void)\n{\n    return \"MARK-CLIENT\";\n}\n",
    "public/style.css": "body { color: green }\n",
    "public/deep/empty.txt": "",
    "migrations/002_b.sql": "CREATE TABLE b (x);\n",
    "migrations/001_a.sql": "CREATE TABLE \"a\" (x);\n",
}
PRINT_ASSETS = r"""
#include <dew/str.h>
#include "http/assets.h"
#include <stdio.h>
extern const struct dew_assets app_assets;
extern const struct { const char *name, *sql; } app_migrations[];
int main(void)
{
    for (const dew_asset *a = app_assets.items; a->path.ptr != NULL; a++)
        printf("%s|%s|%s|%d|%zu|%zu\n", a->path.ptr, a->content_type.ptr, a->etag.ptr, a->is_immutable, a->identity.len, a->gzip.len);
    printf("%s %s %s\n", app_assets.script, app_assets.wasm, app_assets.build_id);
    for (int i = 0; app_migrations[i].name != NULL; i++)
        printf("%s: %s", app_migrations[i].name, app_migrations[i].sql);
    return app_assets.count != 5;
}
"""


class Wasm(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        self.write(HOUSE)
        os.symlink(os.path.join(TREE, "include"), os.path.join(self.root, "include"))
        os.mkdir(os.path.join(self.root, "src/http"))
        shutil.copy(os.path.join(TREE, "src/http/assets.h"), os.path.join(self.root, "src/http"))
        os.mkdir(os.path.join(self.root, "tools"))
        shutil.copy(os.path.join(TREE, "tools/dew-wasm"), os.path.join(self.root, "tools/dew-wasm"))
        self.write({f"app/{path}": text for path, text in APP.items()})

    def write(self, files):
        for path, text in files.items():
            full = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)

    def run_in(self, *command):
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True)

    def build(self, *options):
        sources = sorted(f"app/{name}" for name in os.listdir(os.path.join(self.root, "app")) if name.endswith(".c"))
        return self.run_in("tools/dew-wasm", *sources, "-o", "app.wasm.o", *options)

    def read(self, path):
        with open(os.path.join(self.root, path), "rb") as file:
            return file.read()

    def assert_refused(self, *words):
        done = self.build()
        self.assertNotEqual(done.returncode, 0)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.root, "app.wasm.o")))

    def test_each_suffix_goes_to_its_side(self):
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)
        wasm = self.read("app.wasm.o.d/app.wasm")
        self.assertEqual(wasm[:4], b"\0asm")
        self.assertIn(b"MARK-BOTH", wasm)
        self.assertIn(b"MARK-CLIENT", wasm)
        self.assertNotIn(b"MARK-SERVER", wasm)

    def test_what_is_embedded(self):
        done = self.build("--public", "app/public", "--migrations", "app/migrations", "--depfile", "app.d")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.write({"print.c": PRINT_ASSETS})
        done = self.run_in("cc", "-std=gnu17", "-Isrc", "-Iinclude", "print.c", "app.wasm.o", "-o", "print")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_in("./print")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r'(?m)^/_dew/client\.[0-9a-f]{16}\.js\|text/javascript\|"1"\|1\|')
        script = re.search(r'(?m)^(/_dew/client\.[0-9a-f]{16})\.js', done.stdout).group(1)
        self.assertRegex(done.stdout, rf'(?m)^{script}\.later\.js\|text/javascript\|"1"\|1\|')
        self.assertRegex(done.stdout, r'(?m)^/_dew/client\.[0-9a-f]{16}\.wasm\|application/wasm\|"1"\|1\|')
        self.assertRegex(done.stdout, r'(?m)^/style\.css\|text/css; charset=utf-8\|"[0-9a-f]{32}"\|0\|22\|0$')
        self.assertRegex(done.stdout, r'(?m)^/deep/empty\.txt\|text/plain; charset=utf-8\|"[0-9a-f]{32}"\|0\|0\|0$')
        self.assertTrue(done.stdout.endswith('001_a.sql: CREATE TABLE "a" (x);\n002_b.sql: CREATE TABLE b (x);\n'), done.stdout)
        depends = self.read("app.d").decode()
        for path in ("app/app.c", "app/app.h", "app/app.server.c", "app/public", "app/public/style.css", "app/migrations/001_a.sql",
                     "/client/greet.js", "src/page/start.client.c"):
            self.assertIn(path, depends)

    def test_same_input_same_names(self):
        names = []
        for _ in range(2):
            self.assertEqual(self.build().returncode, 0)
            names.append(re.findall(rb"/_dew/client\.[^\"]*", self.read("app.wasm.o.d/embedded.c")))
        self.assertEqual(names[0], names[1])

    def test_half_compiled_before(self):
        self.assertEqual(self.run_in("tools/dew-wasm", "--only-half", "-o", "half").returncode, 0)
        os.rename(os.path.join(self.root, "src/page"), os.path.join(self.root, "src/gone"))
        done = self.build("--half", "half")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_break_out_of_an_element(self):
        self.write({"app/app.server.c": "#define el(x) for (int i = 0; i < 1; i++)\n"
                    "void list(int n);\nvoid list(int n)\n{\n    while (n--)\n        el(li) {\n            break;\n        }\n}\n"})
        self.assert_refused("app/app.server.c:7: error: `break` would leave el()")

    def test_server_header_in_the_browser(self):
        self.write({"app/db.server.h": "#include <sys/socket.h>\n", "app/mid.h": '#include "db.server.h"\n',
                    "app/app.h": '#include "mid.h"\nconst char *title(void);\n'})
        self.assert_refused("db.server.h is for the server only", "app/app.c -> ", "mid.h -> ", "move the code")

    def test_client_header_on_the_server(self):
        self.write({"app/dom.client.h": "int x;\n", "app/app.server.c": '#include "dom.client.h"\n'})
        self.assert_refused("dom.client.h is for the browser only", "app/app.server.c -> ")

    def test_each_side_may_include_its_own(self):
        self.write({"app/dom.client.h": "extern int x;\n", "app/db.server.h": "#include <sys/socket.h>\n",
                    "app/app.server.c": '#include "db.server.h"\n',
                    "app/app.h": '#ifdef __wasm__\n#include "dom.client.h"\n#endif\nconst char *title(void);\n'})
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_server_half_of_dew_in_the_browser(self):
        self.write({"app/app.h": "#include <dew/app.h>\nconst char *title(void);\n"})
        self.assert_refused("dew/app.h is for the server")

    def test_what_is_missing_does_not_link(self):
        self.write({"app/app.c": "extern const char *elsewhere(void);\nconst char *title(void);\n"
                                 "const char *title(void)\n{\n    return elsewhere();\n}\n"})
        self.assert_refused("elsewhere")

    def test_what_the_host_does_not_have_is_refused(self):
        asks = ("__attribute__((import_module(\"dew\"), import_name(\"%s\"))) extern void host_%s(void);\n"
                "__attribute__((export_name(\"%s\"))) void %s(void);\nvoid %s(void)\n{\n    host_%s();\n}\n")
        self.write({"client/main.js": "const dew = { first() {}, second_name: () => 0, tenLetters: other };\n"
                                      "WebAssembly.instantiate(wasm, { dew }).then(x => x.nobody());\n"})
        for name in "first", "second_name", "tenLetters":
            self.write({f"app/{name}.client.c": asks % ((name,) * 2 + ("run_" + name,) * 3 + (name,))})
        done = self.build()
        self.assertEqual(done.returncode, 0, done.stderr)
        os.remove(os.path.join(self.root, "app.wasm.o"))
        self.write({"app/gone.client.c": asks % (("nobody",) * 2 + ("run_nobody",) * 3 + ("nobody",))})
        self.assert_refused("has no function \"nobody\"", "Imported by: app/gone.client.c")

    def test_addresses_of_dew_are_refused(self):
        self.write({"app/public/_dew/x.js": "x"})
        done = self.build("--public", "app/public")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("_dew", done.stderr)

    def bundle(self):
        return self.run_in(os.environ["DEW_EMBED"], "--bundle", "client/main.js", "-o", "bundle.mjs")

    def test_bundle_does_what_the_modules_do(self):
        self.write({"client/package.json": '{ "type": "module" }'})
        self.assertEqual(self.bundle().returncode, 0)
        bundle = self.read("bundle.mjs").decode()
        for gone in ("import", "export", "the host", "says it", "@param", "  NAME"):
            self.assertNotIn(gone, bundle)
        if shutil.which("node"):
            modules, bundled = self.run_in("node", "client/main.js"), self.run_in("node", "bundle.mjs")
            self.assertEqual(modules.stdout, "hello dew3 a  b c } /* kept */ true 2\n3\n", modules.stderr)
            self.assertEqual(bundled.stdout, modules.stdout, bundled.stderr)

    def test_the_host_of_dew_is_bundled(self): # as where there is no esbuild
        for name in "main", "later", "islands":
            done = self.run_in(os.environ["DEW_EMBED"], "--bundle", os.path.join(TREE, f"client/{name}.js"), "-o", f"{name}.mjs")
            self.assertEqual(done.returncode, 0, done.stderr)
            if shutil.which("node"):
                done = self.run_in("node", "--check", f"{name}.mjs")
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_exports_of_the_first_file_stay(self):
        self.write({"client/package.json": '{ "type": "module" }', "client/later.js": "export { go } from './go.js';\nexport const two = 2;\n",
                    "client/go.js": "export function go() { return 1; }\nexport const inner = 3;\n",
                    "use.mjs": "import * as all from './later.mjs';\nconsole.log(Object.keys(all).sort().join(), all.go(), all.two);\n"})
        done = self.run_in(os.environ["DEW_EMBED"], "--bundle", "client/later.js", "-o", "later.mjs")
        self.assertEqual(done.returncode, 0, done.stderr)
        if shutil.which("node"):
            self.assertEqual(self.run_in("node", "use.mjs").stdout, "go,two 1 2\n")

    def test_bundle_refuses_what_it_cannot_do(self):
        for text, word in (("import { NAME as N } from './name.js';\n", "as"), ("import * as all from './name.js';\n", "*"),
                           ("export default 1;\n", "default"), ("import { h } from 'preact';\n", "./name.js"),
                           ("import './name.js';\nconst NAME = 1;\n", "both declare \"NAME\"")):
            self.write({"client/main.js": text})
            done = self.bundle()
            self.assertEqual(done.returncode, 1, text)
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main()
