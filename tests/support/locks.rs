//! Lines of the files in which package managers keep the sums of what they fetched, and ids under names
//! that say so: what no rule may take for a secret, whoever is named beside it.

use keyward::parts::lab::Random;

const HEX: &[u8] = b"0123456789abcdef";
const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes an entry for a package of that name.
type Entry = fn(&str, &mut Sums<'_>) -> String;

/// The kinds of lock files, each with an entry of it.
pub(crate) const KINDS: &[(&str, Entry)] = &[
    ("go.sum", |name, sums| {
        format!(
            "github.com/{name}/sdk-go/v3 v1.4.0 h1:{}=\ngithub.com/{name}/sdk-go/v3 v1.4.0/go.mod h1:{}=\n",
            sums.base64(43),
            sums.base64(43)
        )
    }),
    ("package-lock.json", |name, sums| {
        format!(
            "    \"node_modules/@{name}/client\": {{\n      \"version\": \"5.0.1\",\n      \"resolved\": \"https://registry.npmjs.org/@{name}/client/-/client-5.0.1.tgz\",\n      \"integrity\": \"sha512-{}==\",\n    }},\n",
            sums.base64(86)
        )
    }),
    ("yarn.lock", |name, sums| {
        format!(
            "\"@{name}/auth@^2.0.0\":\n  version \"2.0.4\"\n  resolved \"https://registry.yarnpkg.com/@{name}/auth/-/auth-2.0.4.tgz#{}\"\n  integrity sha512-{}==\n",
            sums.hex(40),
            sums.base64(86)
        )
    }),
    ("yarn.lock of Berry", |name, sums| {
        format!(
            "\"{name}-token@npm:^1.0.0\":\n  version: 1.0.4\n  resolution: \"{name}-token@npm:1.0.4\"\n  checksum: 10c0/{}\n  languageName: node\n",
            sums.hex(128)
        )
    }),
    ("pnpm-lock.yaml", |name, sums| {
        format!(
            "  '@{name}/api-key@1.2.3':\n    resolution: {{integrity: sha512-{}==}}\n    engines: {{node: '>=18'}}\n",
            sums.base64(86)
        )
    }),
    ("Cargo.lock", |name, sums| {
        format!(
            "[[package]]\nname = \"{name}-auth\"\nversion = \"0.4.0\"\nsource = \"git+https://github.com/{name}/sdk?branch=main#{}\"\nchecksum = \"{}\"\n",
            sums.hex(40),
            sums.hex(64)
        )
    }),
    ("poetry.lock", |name, sums| {
        format!(
            "name = \"{name}\"\nfiles = [\n    {{file = \"{name}-1.4.0-py3-none-any.whl\", hash = \"sha256:{}\"}},\n]\nresolved_reference = \"{}\"\ncontent-hash = \"{}\"\n",
            sums.hex(64),
            sums.hex(40),
            sums.hex(64)
        )
    }),
    ("uv.lock", |name, sums| {
        format!(
            "name = \"{name}\"\nsdist = {{ url = \"https://files.pythonhosted.org/packages/{}/{}/{}/{name}-1.0.tar.gz\", hash = \"sha256:{}\", size = 41 }}\n",
            sums.hex(2),
            sums.hex(2),
            sums.hex(60),
            sums.hex(64)
        )
    }),
    ("Gemfile.lock", |name, sums| {
        format!(
            "GIT\n  remote: https://github.com/{name}/{name}-ruby\n  revision: {}\nCHECKSUMS\n  {name}-auth (1.2.0) sha256={}\n",
            sums.hex(40),
            sums.hex(64)
        )
    }),
    ("composer.lock", |name, sums| {
        let reference = sums.hex(40);
        format!(
            "    \"content-hash\": \"{}\",\n            \"name\": \"{name}/{name}-key\",\n                \"url\": \"https://api.github.com/repos/{name}/x/zipball/{reference}\",\n                \"reference\": \"{reference}\",\n                \"shasum\": \"{}\"\n",
            sums.hex(32),
            sums.hex(40)
        )
    }),
    ("mix.lock", |name, sums| {
        format!(
            "  \"{name}\": {{:hex, :{name}, \"2.1.0\", \"{}\", [:mix], [{{:jason, \"~> 1.0\", [hex: :jason, repo: \"hexpm\", optional: false]}}], \"hexpm\", \"{}\"}},\n  \"{name}_auth\": {{:git, \"https://github.com/{name}/auth.git\", \"{}\", []}},\n",
            sums.hex(64),
            sums.hex(64),
            sums.hex(40)
        )
    }),
    ("pubspec.lock", |name, sums| {
        format!(
            "  {name}_auth:\n    dependency: \"direct main\"\n    description:\n      name: {name}_auth\n      sha256: \"{}\"\n      url: \"https://pub.dev\"\n      resolved-ref: \"{}\"\n",
            sums.hex(64),
            sums.hex(40)
        )
    }),
    ("Podfile.lock", |name, sums| {
        format!(
            "CHECKOUT OPTIONS:\n  {name}-Access:\n    :commit: {}\n    :git: https://github.com/{name}/ios\n\nSPEC CHECKSUMS:\n  {name}: {}\n  {name}AuthAccess: {}\n\nPODFILE CHECKSUM: {}\n",
            sums.hex(40),
            sums.hex(40),
            sums.hex(40),
            sums.hex(40)
        )
    }),
    ("Package.resolved", |name, sums| {
        format!(
            "  \"originHash\" : \"{}\",\n      \"identity\" : \"{name}-swift-token\",\n      \"location\" : \"https://github.com/{name}/{name}-swift\",\n      \"state\" : {{\n        \"revision\" : \"{}\",\n        \"version\" : \"1.2.0\"\n",
            sums.hex(64),
            sums.hex(40)
        )
    }),
    ("flake.lock", |name, sums| {
        format!(
            "    \"{name}\": {{\n      \"locked\": {{\n        \"lastModified\": 1717000000,\n        \"narHash\": \"sha256-{}=\",\n        \"owner\": \"{name}\",\n        \"repo\": \"auth\",\n        \"rev\": \"{}\",\n",
            sums.base64(43),
            sums.hex(40)
        )
    }),
    ("Gradle's verification", |name, sums| {
        format!(
            "      <component group=\"com.{name}\" name=\"{name}-auth\" version=\"1.0\">\n         <artifact name=\"{name}-auth-1.0.jar\">\n            <pgp value=\"{}\"/>\n            <sha256 value=\"{}\" origin=\"Generated by Gradle\"/>\n            <sha512 value=\"{}\"/>\n",
            sums.hex(40).to_ascii_uppercase(),
            sums.hex(64),
            sums.hex(128)
        )
    }),
];

/// What sums are drawn from.
pub(crate) struct Sums<'r>(pub(crate) &'r mut Random);

impl Sums<'_> {
    fn hex(&mut self, len: usize) -> String {
        self.0.text(HEX, len)
    }

    fn base64(&mut self, len: usize) -> String {
        self.0.text(BASE64, len)
    }

    /// An id of some kind.
    pub(crate) fn id(&mut self) -> String {
        match self.0.below(4) {
            0 => {
                let len = self.0.pick(&[16, 20, 24, 32, 40, 48, 64]);
                self.hex(len)
            }
            1 | 2 => {
                let len = 12 + self.0.below(37);
                self.0.text(BASE36, len)
            }
            _ => [8, 4, 4, 4, 12].map(|len| self.hex(len)).join("-"),
        }
    }
}

/// Names that say that the value is an id, as they end behind whose it is.
pub(crate) const ID_NAMES: &[&str] = &[
    "_ID",
    "_ACCOUNT_ID",
    "_CLIENT_ID",
    "_APP_ID",
    "_REQUEST_ID",
    "_TRACE_ID",
    "_CORRELATION_ID",
    "_SPAN_ID",
    "_WORKSPACE_ID",
    "_ORGANIZATION",
    "_ORG_ID",
    "_PROJECT",
    "_PROJECT_ID",
    "_TENANT_ID",
    "_GROUP_ID",
    "_USER_ID",
    "_DEVICE_ID",
    "_RESPONSE_ID",
    "_KEY_ID",
    "_JOB_IDS",
    "_UUID",
    "_GUID",
    "_UID",
    "_COMMIT",
    "_SHA",
    "_ETAG",
    "_DIGEST",
    "_REVISION",
    "_FINGERPRINT",
];
