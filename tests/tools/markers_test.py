"""What stands in *.server.c is not in the wasm; what stands in *.client.c is not in the native program (design P10)."""
import os
import subprocess
import unittest

BUILD = os.environ["DEW_BUILD"]


def read(path):
    with open(os.path.join(BUILD, path), "rb") as file:
        return file.read()


class Markers(unittest.TestCase):
    def test_wasm_has_what_is_shared_and_what_is_the_browsers(self):
        wasm = read("tests/markers.wasm.o.d/markers.wasm")
        self.assertIn(b"MARKER_IN_SHARED_FILE", wasm)
        self.assertIn(b"MARKER_IN_CLIENT_FILE", wasm)
        self.assertNotIn(b"MARKER_IN_SERVER_FILE", wasm)

    def test_native_program_has_what_is_shared_and_what_is_the_servers(self):
        program = read("bin/markers")
        embedded = read("tests/markers.wasm.o.d/embedded.c.bin")
        own = program.replace(embedded, b"")  # it carries the wasm, for the browser
        self.assertLess(len(own), len(program))
        self.assertIn(b"MARKER_IN_SHARED_FILE", own)
        self.assertIn(b"MARKER_IN_SERVER_FILE", own)
        self.assertNotIn(b"MARKER_IN_CLIENT_FILE", own)
        symbols = subprocess.run(["nm", os.path.join(BUILD, "bin/markers")], capture_output=True, text=True, check=True).stdout
        self.assertIn("marker_of_server", symbols)
        self.assertNotIn("marker_of_client", symbols)


if __name__ == "__main__":
    unittest.main()
