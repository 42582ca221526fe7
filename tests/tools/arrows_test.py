"""tools/check-arrows finds each kind of planted violation, and nothing in a tree without one."""
import os
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(__file__), "..", "..", "tools", "check-arrows")


def run(files):
    """Exit code and output for a tree of {path: text}."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True)
        assert done.stderr == "", done.stderr
        return done.returncode, done.stdout


class Arrows(unittest.TestCase):
    def assert_found(self, path, text, where, what):
        code, out = run({path: text})
        self.assertEqual(code, 1, out)
        self.assertIn(f"{path}:{where}: ", out)
        self.assertIn(what, out)
        self.assertIn("mend: ", out)

    def assert_fine(self, path, text):
        self.assertEqual(run({path: text}), (0, ""))

    def test_arrows_that_point_down_are_fine(self):
        self.assert_fine("src/page/a.c", '#include "page/b.h"\n#include "view/x.h"\n#include <dew/page.h>\n#include "base/map.h"\n')
        self.assert_fine("src/live/a.c", '#include "http/ws.h"\n#include "sql/db.h"\n#include "live/live_internal.h"\n')
        self.assert_fine("src/io/uv.c", "#include <uv.h>\n#include <time.h>\nint f(void) { return clock_gettime(0, 0); }\n")
        self.assert_fine("src/live/a.c", "#include <pthread.h>\nvoid f(void) { pthread_mutex_lock(&lock); }\n")
        self.assert_fine("client/a.c", '#include "page/b.h"\n')

    def test_arrow_that_points_up(self):
        self.assert_found("src/base/a.c", '\n#include "io/loop.h"\n', 2, "base/ must not know io/")
        self.assert_found("src/page/a.c", '#include "sql/db.h"\n', 1, "page/ must not know sql/")
        self.assert_found("src/scope/a.c", '#  include "http/server.h"\n', 1, "scope/ must not know http/")
        self.assert_found("src/live/a.c", '#include "http/server.h"\n', 1, "live/ must not know http/")
        self.assert_found("client/a.c", '#include "io/loop.h"\n', 1, "client/ must not know io/")

    def test_public_header_of_a_room_above(self):
        self.assert_found("src/http/a.c", "#include <dew/app.h>\n", 1, "must not know <dew/app.h>")
        self.assert_found("src/base/a.h", "#include <dew/type.h>\n", 1, "must not know <dew/type.h>")

    def test_internal_header_of_another_room(self):
        self.assert_found("src/app/a.c", '#include "sql/sql_internal.h"\n', 1, "shares among its own files")

    def test_outside_world_outside_the_door(self):
        for header in ("uv.h", "threads.h", "sys/socket.h", "time.h", "sys/random.h", "unistd.h"):
            self.assert_found("src/live/a.c", f"#include <{header}>\n", 1, "reached through src/io alone")
        for call in ("clock_gettime(0, &now)", "rand()", "getrandom(p, 8, 0)", "fopen(path, mode)", "gettimeofday(&now, 0)",
                     "pthread_create(a, b, c, d)", "pthread_cond_wait(a, b)", "uv_run(loop, 0)"):
            self.assert_found("src/sql/a.c", f"int x;\nint y = {call};\n", 2, "reached through src/io alone")

    def test_comments_and_strings_are_no_calls(self):
        self.assert_fine("src/sql/a.c", '/* not rand() */ // nor fopen()\nconst char *s = "random()";\nint dew_rand(void);\n')

    def test_file_of_the_other_side(self):
        self.assert_found("src/page/a.c", '#include "page/b.client.h"\n', 1, "for the client alone")
        self.assert_found("src/view/a.client.c", '#include "view/b.server.h"\n', 1, "for the server alone")
        self.assert_fine("src/view/a.client.c", '#include "view/b.client.h"\n')

    def test_unknown_room(self):
        self.assert_found("src/utils/a.c", "int x;\n", 1, "no room of the house")

    def test_public_header_includes_internal_one(self):
        self.assert_found("include/dew/a.h", '#include "base/map.h"\n', 1, "a public header includes")


if __name__ == "__main__":
    unittest.main()
