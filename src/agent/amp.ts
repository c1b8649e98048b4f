// keyward: kept from reading, writing and sending secrets. Written by `keyward install --agents amp`.
import { spawnSync } from "node:child_process";

const command = COMMAND;

export default function (amp) {
  amp.on("tool.call", async (event) => {
    const asked = {
      hook_event_name: "preToolUse",
      cwd: process.cwd(),
      tool_name: event.tool,
      tool_input: event.input,
    };
    const answer = spawnSync(command, { shell: true, input: JSON.stringify(asked), encoding: "utf8" });
    if (answer.status === 2) return { action: "reject-and-continue", message: answer.stderr };
    return { action: "allow" };
  });
}
