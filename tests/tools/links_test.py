"""A program built on the core links the core's dependencies alone: libuv, SQLite, zlib, and the C library."""
import os
import subprocess
import unittest

PROGRAM = os.path.join(os.environ["DEW_BUILD"], "bin", "embed")
CORE = {"libuv", "libsqlite3", "libz"}
SYSTEM = {"libc", "libm", "libpthread", "libdl", "librt", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"}


class Links(unittest.TestCase):
    def test_embed_needs_the_core_alone(self):
        told = subprocess.run(["readelf", "-d", PROGRAM], check=True, capture_output=True, text=True).stdout
        needed = {line.split("[")[1].split(".so")[0] for line in told.splitlines() if "(NEEDED)" in line}
        self.assertIn("libuv", needed)
        self.assertEqual(needed - CORE - SYSTEM, set())


if __name__ == "__main__":
    unittest.main()
