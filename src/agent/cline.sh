#!/bin/sh
# keyward: kept from reading, writing and sending secrets. Written by `keyward install --agents cline`.
exec COMMAND
