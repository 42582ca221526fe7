"""tests/browser/lib/build-html.sh and build-view.sh: a source that does not compile ends them, with what the compiler says."""
import os
import shutil
import subprocess
import tempfile
import unittest

LIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "browser", "lib")
GOOD = "int main(void);\nint main(void)\n{\n    return 0;\n}\n"
BROKEN = "int main(void)\n{\n    return nothing_of_this_name;\n}\n"


class BuildView(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def build(self, script, name, text):
        source = os.path.join(self.folder, name)
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        return subprocess.run(["sh", os.path.join(LIB, script), self.folder, source], capture_output=True, text=True)

    def assert_refused(self, done, program):
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nothing_of_this_name", done.stderr)
        self.assertNotIn("wasm-ld", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, program)))

    def test_what_was_compiled_before_does_not_stand_in_for_it(self):
        done = self.build("build-html.sh", "page_main.c", GOOD)
        self.assertEqual(done.returncode, 0, done.stderr)
        os.remove(os.path.join(self.folder, "html"))
        self.assert_refused(self.build("build-html.sh", "page_main.c", BROKEN), "html")

    def test_nothing_is_linked_without_it(self):
        self.assert_refused(self.build("build-view.sh", "page.client.c", BROKEN), "view.wasm")


if __name__ == "__main__":
    unittest.main()
