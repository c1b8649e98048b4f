# keyward: kept from reading, writing and sending secrets. Written by `keyward install --agents cline`.
$OutputEncoding = [Console]::InputEncoding = [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
[Console]::In.ReadToEnd() | & COMMAND
exit $LASTEXITCODE
