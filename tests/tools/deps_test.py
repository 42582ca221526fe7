"""tools/deps.sh says what it does before it does it, and does nothing where it cannot."""
import os
import shutil
import subprocess
import tempfile
import unittest

DEPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "deps.sh")


class Deps(unittest.TestCase):
    """Runs it with a PATH of a few commands only, so that everything is missing."""

    def setUp(self):
        self.bin = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.bin)
        for command in ("sh", "cat", "env"):
            os.symlink(shutil.which(command), os.path.join(self.bin, command))
        self.fake("id", "echo 0")

    def fake(self, name, body):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)

    def run_deps(self, *purposes):
        return subprocess.run([DEPS, *purposes], env={"PATH": self.bin}, capture_output=True, text=True)

    def test_lists_and_stops_without_apt_get(self):
        done = self.run_deps("build")
        self.assertEqual(done.returncode, 1)
        for package in ("libuv1-dev", "libsqlite3-dev", "zlib1g-dev", "clang", "lld"):
            self.assertIn(f"    {package}\n", done.stderr)
        self.assertNotIn("libcmocka-dev", done.stderr)
        self.assertNotIn("esbuild", done.stderr)  # of use, not needed

    def test_says_what_it_will_install_then_installs(self):
        self.fake("apt-get", 'echo "apt-get $*"')
        done = self.run_deps("build", "test")
        self.assertEqual(done.returncode, 0, done.stderr)
        said, updated, installed = done.stdout.splitlines()
        self.assertIn("Installing with apt-get: gcc ", said)
        self.assertIn("libcmocka-dev", said)
        self.assertTrue(updated.startswith("apt-get update"))
        self.assertEqual(installed.split("recommends ")[1].split(), said.split(": ")[1].split())

    def test_goes_through_sudo_when_not_root(self):
        self.fake("id", "echo 1000")
        self.fake("apt-get", 'echo "apt-get $*"')
        done = self.run_deps("build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("As root:\n    apt-get update && apt-get install --no-install-recommends gcc ", done.stderr)
        self.fake("sudo", 'echo "sudo $*"; "$@"')
        done = self.run_deps("build")
        self.assertEqual(done.returncode, 0)
        self.assertIn("Installing with sudo apt-get", done.stdout)
        self.assertIn("sudo apt-get update", done.stdout)

    def test_nothing_to_do_says_nothing(self):
        done = subprocess.run([DEPS, "build"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


if __name__ == "__main__":
    unittest.main()
