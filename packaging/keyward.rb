# For a tap of Homebrew. `.ci/release` fills in the version and the checksums.
class Keyward < Formula
  desc "Git hook that keeps API keys out of commits"
  homepage "https://github.com/keyward/keyward"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/keyward/keyward/releases/download/v@VERSION@/keyward-v@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256 aarch64-apple-darwin.tar.gz@"
    end
    on_intel do
      url "https://github.com/keyward/keyward/releases/download/v@VERSION@/keyward-v@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256 x86_64-apple-darwin.tar.gz@"
    end
  end
  on_linux do
    on_arm do
      url "https://github.com/keyward/keyward/releases/download/v@VERSION@/keyward-v@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 aarch64-unknown-linux-musl.tar.gz@"
    end
    on_intel do
      url "https://github.com/keyward/keyward/releases/download/v@VERSION@/keyward-v@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 x86_64-unknown-linux-musl.tar.gz@"
    end
  end

  def install
    bin.install "keyward"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/keyward.bash" => "keyward"
    fish_completion.install "completions/keyward.fish"
    zsh_completion.install "completions/_keyward"
  end

  test do
    system "git", "init", "--quiet"
    system bin/"keyward", "install"
    system bin/"keyward", "doctor"
  end
end
