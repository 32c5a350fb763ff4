"""`python -m learninghub.http.probe PORT [PATH]`: exits with 0 when what serves this port is ready; PATH: /readyz."""

import sys
import urllib.request


def main() -> int:
    port, path = (*sys.argv[1:], "/readyz")[:2]
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{int(port)}{path}", timeout=2).close()
    except OSError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
