"""Runs every measurement and prints it: CPU time beside wall time, on whatever machine."""

import os
import time

from bench import page, qr, server

if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%d/%m/%Y')}")
    print("\n== The questionnaire over the wire")
    page.main()
    print("\n== The server, per completed response")
    server.main()
    print("\n== QR codes and letters")
    qr.main(900)
