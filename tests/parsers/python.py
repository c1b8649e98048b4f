"""What the parsers of PyPI, and docker's own, make of environment files.

Standard input: a JSON list of texts in base64. Standard output: by parser, for each text an object of the
variables that it sets, or null if the parser refuses the file. A parser that is not here is left out.
"""

import base64
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile

logging.disable()
os.environ["HOSTV"] = "host"
texts = [base64.b64decode(text) for text in json.load(sys.stdin)]
work = tempfile.mkdtemp()
file = os.path.join(work, ".env")


def added(read):
    """What a reader puts into the environment, which is as it was afterwards."""
    before = dict(os.environ)
    try:
        read()
        return {name: value for name, value in os.environ.items() if name not in before}
    finally:
        os.environ.clear()
        os.environ.update(before)


def python_dotenv():
    import dotenv

    return lambda: dotenv.dotenv_values(file)


def environs():
    import environs

    def read():
        env = environs.Env()
        env.read_env(file, recurse=False)
        return dict(env._environ)

    return read


def django_environ():
    import environ

    return lambda: added(lambda: environ.Env.read_env(file))


def pydantic_settings():
    from pydantic_settings.sources import DotEnvSettingsSource
    from pydantic_settings import BaseSettings

    class Settings(BaseSettings):
        model_config = {"extra": "allow", "env_file": file, "case_sensitive": True}

    source = DotEnvSettingsSource(Settings)
    return lambda: dict(source._read_env_files())


def compose():
    program = shutil.which("docker-compose")
    subprocess.run([program, "version"], capture_output=True, check=True)
    with open(os.path.join(work, "compose.yaml"), "w") as out:
        out.write("services: {a: {image: a, env_file: [.env]}}\n")
    command = [program, "-f", os.path.join(work, "compose.yaml"), "config", "--format", "json"]

    def read():
        ran = subprocess.run(command, capture_output=True, cwd=work)
        if ran.returncode:
            return None
        found = json.loads(ran.stdout)["services"]["a"].get("environment") or {}
        # What it prints can be read again, so that each sign is doubled.
        return {name: value and value.replace("$$", "$") for name, value in found.items()}

    return read


def shell():
    program = shutil.which("bash")
    command = [program, "-c", "set -a; . ./.env >&2; exec env -0"]

    def read():
        with open(os.devnull, "w") as null:
            out = subprocess.run(command, stdout=subprocess.PIPE, stderr=null, cwd=work).stdout
        pairs = (pair.partition(b"=") for pair in out.split(b"\0"))
        pairs = {name.decode(): value.decode("utf-8", "replace") for name, _, value in pairs}
        skip = {"_", "PWD", "OLDPWD", "SHLVL"}
        return {name: value for name, value in pairs.items() if name and name not in os.environ and name not in skip}

    return read


PARSERS = {
    "python-dotenv": python_dotenv,
    "environs": environs,
    "django-environ": django_environ,
    "pydantic-settings": pydantic_settings,
    "docker compose": compose,
    "bash": shell,
}

found = {}
for name, make in PARSERS.items():
    results = []
    open(file, "w").close()
    try:
        read = make()
    except Exception:
        continue
    for text in texts:
        with open(file, "wb") as out:
            out.write(text)
        try:
            values = read()
            results.append(values and {k: v for k, v in values.items() if v is not None} if values is not None else None)
        except Exception:
            results.append(None)
    found[name] = results
shutil.rmtree(work)
json.dump(found, sys.stdout)
