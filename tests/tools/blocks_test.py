"""dew-embed --check: a break or continue that would leave an element instead of the loop around it is found, and nothing else."""
import glob
import os
import subprocess
import tempfile
import unittest

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
EMBED = os.environ["DEW_EMBED"]

# Each line with WRONG has to be found.
WRONG = r"""
#include <dew/dew.h>
static void list(int n)
{
    for (int i = 0; i < n; i++)
        el(li, .class = "a") {
            if (i == 3)
                break; /* WRONG */
            text("x");
        }
    for (int i = 0; i < n; i++) {
        el(li) { if (i) continue; else text("y"); } // WRONG
        while (n--) el(p) break; /* WRONG */
        dew_el(b, .title = "}") { do { text("("); } while (0); break; } /* WRONG */
        switch (n) {
        case 1:
            el(i) { text("{"); break; } /* WRONG */
            break;
        default:
            el(p) switch (i) { case 2: break; default: continue; } /* WRONG */
        }
        region(.loading = NULL) {
            el(p) for (;;) break;
            continue; /* WRONG */
        }
        provide(theme, &n) if (n) break; /* WRONG */
        int x = ({ int y = 0; el(p) { while (y) break; continue; } y; }); /* WRONG */
        client_only(skeleton) { if (i) break; } /* WRONG */
        client_only() el(p) continue; /* WRONG */
        server_only { break; } /* WRONG */
        server_only if (i) continue; /* WRONG */
        dew_server_only el(p) text("z"), n--;
        dew_client_only() { continue; } /* WRONG */
        keyed (KEY(i)) { break; } /* WRONG */
        dew_keyed(KEY(i)) for (;;) break;
        label: el(p) { goto out; break; } /* WRONG */
    }
out:
    return;
}
"""

RIGHT = r"""
#include <dew/dew.h>
#define BREAK_HERE el(p) { break; }
struct s { int break_, x : 3; };
enum e { A, B };
static const struct s table[] = { { 1, 2 }, { 3, 4 } };
static void list(int n)
{
    // el(p) { break; }
    /* el(p) { continue; } */
    const char *c = "el(p) { break; }", d = '"', e = '\'';
    el(ul) for (int i = 0; i < n; i++) {
        if (i == 2)
            continue;
        el(li) { for (;;) { if (c) break; continue; } while (d) break; do { continue; } while (e); }
        if (i == 4)
            break;
    }
    el(p) { switch (n) { case 1: text("one"); break; case 2: { text(n ? "a" : "b"); break; } default: break; } }
    el(p) { for (struct s s = { .x = 1 }; s.x; s.x--) switch (s.x) { case 1: continue; default: break; } return; }
#if 1
    while (n) { el(p) text("x"); break;
#else
    while (n) { el(p) { break;
#ifdef X
        el(p) break;
#endif
    }
#endif
    }
    int el = 3, region = el, server_only;
    server_only = 3;
    for (;;) { server_only++; break; }
    for (;;) { server_only { for (;;) break; } break; }
    el = region ? 1 : 2;
    for (;;) { int x = ({ for (;;) { break; } 3; }); (void)x; break; }
    for (;;) { call((struct s){ 1, 2 }, (int[]){ 1, 2 }); break; }
}
"""


class Blocks(unittest.TestCase):
    def check(self, *paths):
        return subprocess.run([EMBED, "--check", *paths], capture_output=True, text=True)

    def written(self, text):
        file = tempfile.NamedTemporaryFile("w", suffix=".c", delete=False)
        self.addCleanup(os.unlink, file.name)
        with file:
            file.write(text)
        return file.name

    def test_each_wrong_one_is_found_at_its_line(self):
        path = self.written(WRONG)
        done = self.check(path)
        self.assertEqual(done.returncode, 1)
        found = [int(line.split(":")[1]) for line in done.stderr.splitlines()]
        wrong = [i for i, line in enumerate(WRONG.split("\n"), 1) if "WRONG" in line]
        self.assertEqual(found, wrong, done.stderr)
        self.assertIn("`break` would leave el()", done.stderr)

    def test_loops_of_their_own_are_left_alone(self):
        done = self.check(self.written(RIGHT))
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_no_false_alarm_in_this_tree(self):
        sources = [path for folder in ("src", "examples", "bench", "tests") for path in
                   glob.glob(os.path.join(TREE, folder, "**", "*.c"), recursive=True) if "node_modules" not in path]
        sources = [path for path in sources if "compile_fail" not in path and not path.endswith("view/render_test.c")]  # it breaks on purpose
        self.assertGreater(len(sources), 200)
        done = self.check(*sources)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_broken_sources_are_read_to_their_end(self):
        for text in ("", "{", "}}}", "void f(void) { el(", "#if", "/*", '"', "void f(void) { el(p) { break", "#else\n#if\n"):
            self.assertIn(self.check(self.written(text)).returncode, (0, 1))


if __name__ == "__main__":
    unittest.main()
