"""`python -m learninghub.http.probe PORT`: exits with 0 when the process on this port of this machine is ready."""

import sys
import urllib.request


def main() -> int:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{int(sys.argv[1])}/readyz", timeout=2).close()
    except OSError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
