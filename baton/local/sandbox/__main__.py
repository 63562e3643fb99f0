"""`python -m baton.local.sandbox`: the sandbox alone."""

from baton.local.sandbox.command import app

if __name__ == "__main__":
    app(prog_name="python -m baton.local.sandbox")
