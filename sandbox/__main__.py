"""`python -m sandbox`: the sandbox alone."""

from sandbox.command import app

if __name__ == "__main__":
    app(prog_name="python -m sandbox")
