// keyward: kept from reading, writing and sending secrets. Written by `keyward install --agents`.
import { spawnSync } from "node:child_process";

const command = COMMAND;

export const Keyward = async ({ directory }) => ({
  "tool.execute.before": async (input, output) => {
    const event = {
      hook_event_name: "preToolUse",
      session_id: input.sessionID,
      cwd: directory,
      tool_name: input.tool,
      tool_input: output.args,
    };
    const answer = spawnSync(command, { shell: true, input: JSON.stringify(event), encoding: "utf8" });
    if (answer.status === 2) throw new Error(answer.stderr);
  },
});
