//! Pipelines: a key in one is told with the form of its platform, and `keyward doctor --ci` tells what else lets one out.

use serde_json::Value;

use crate::support::{Reading, Scratch, anthropic_key};

#[test]
fn a_key_in_a_pipeline_is_told_with_the_form_of_its_platform_and_that_form_is_silent() {
    let k = anthropic_key;
    let rows: Vec<(&str, String, &str, &str)> = vec![
        (
            ".github/workflows/ci.yml",
            format!("    env:\n      API_KEY: {}\n", k()),
            "${{ secrets.",
            "    env:\n      API_KEY: ${{ secrets.API_KEY }}\n",
        ),
        (
            ".gitlab-ci.yml",
            format!("variables:\n  API_KEY: \"{}\"\n", k()),
            "CI/CD variable",
            "a:\n  script:\n    - ./a \"$API_KEY\"\n",
        ),
        (
            ".circleci/config.yml",
            format!("    environment:\n      API_KEY: {}\n", k()),
            "context",
            "      - run: ./a ${API_KEY}\n",
        ),
        (
            "azure-pipelines.yml",
            format!("variables:\n- name: API_KEY\n  value: {}\n", k()),
            "$(",
            "  env:\n    API_KEY: $(API_KEY)\n",
        ),
        (
            "bitbucket-pipelines.yml",
            format!("        variables:\n          API_KEY: \"{}\"\n", k()),
            "secured variable",
            "          API_KEY: $API_KEY\n",
        ),
        (
            "Jenkinsfile",
            format!("environment {{\n  API_KEY = '{}'\n}}\n", k()),
            "credentials('",
            "environment {\n  API_KEY = credentials('api-key')\n}\n",
        ),
        (
            ".woodpecker.yml",
            format!("    environment:\n      API_KEY: {}\n", k()),
            "from_secret: ",
            "    environment:\n      API_KEY:\n        from_secret: api_key\n",
        ),
        (
            ".buildkite/pipeline.yml",
            format!("env:\n  API_KEY: \"{}\"\n", k()),
            "$$",
            "  - command: ./a $$API_KEY\n",
        ),
        (
            ".travis.yml",
            format!("env:\n  global:\n    - API_KEY={}\n", k()),
            "environment variables",
            "script: ./a $API_KEY\n",
        ),
        (
            "Dockerfile",
            format!("FROM a\nENV API_KEY={}\n", k()),
            "--mount=type=secret",
            "FROM a\nRUN --mount=type=secret,id=api_key,env=API_KEY ./a\n",
        ),
        (
            "compose.yaml",
            format!("    environment:\n      - API_KEY={}\n", k()),
            "${",
            "    environment:\n      - API_KEY=${API_KEY}\n",
        ),
        (
            "chart/values.yaml",
            format!("api:\n  key: {}\n", k()),
            "existingSecret",
            "api:\n  existingSecret: api\n",
        ),
        (
            "k8s/kustomization.yaml",
            format!(
                "secretGenerator:\n- name: a\n  literals:\n  - API_KEY={}\n",
                k()
            ),
            "secretGenerator",
            "secretGenerator:\n- name: a\n  envs:\n  - secret.env\n",
        ),
        (
            "main.tf",
            format!("variable \"k\" {{\n  default = \"{}\"\n}}\n", k()),
            "var.",
            "variable \"k\" {\n  sensitive = true\n}\n",
        ),
        (
            "group_vars/all.yml",
            format!("api_key: {}\n", k()),
            "ansible-vault",
            "api_key: \"{{ lookup('env', 'API_KEY') }}\"\n",
        ),
        (
            "wrangler.toml",
            format!("[vars]\nAPI_KEY = \"{}\"\n", k()),
            "wrangler secret put",
            "[vars]\nPORT = \"80\"\n",
        ),
        (
            "vercel.json",
            format!("{{\"env\": {{\"API_KEY\": \"{}\"}}}}\n", k()),
            "vercel env add",
            "{}\n",
        ),
        (
            "netlify.toml",
            format!("[build.environment]\nAPI_KEY = \"{}\"\n", k()),
            "secret variable",
            "[build]\ncommand = \"make\"\n",
        ),
        (
            "railway.json",
            format!("{{\"variables\": {{\"API_KEY\": \"{}\"}}}}\n", k()),
            "sealed",
            "{}\n",
        ),
        (
            "fly.toml",
            format!("[env]\nAPI_KEY = \"{}\"\n", k()),
            "fly secrets import",
            "[env]\nPORT = \"80\"\n",
        ),
        (
            "render.yaml",
            format!("  envVars:\n  - key: API_KEY\n    value: {}\n", k()),
            "sync: false",
            "  envVars:\n  - key: API_KEY\n    sync: false\n",
        ),
        (
            "serverless.yml",
            format!("provider:\n  environment:\n    API_KEY: {}\n", k()),
            "${ssm:/",
            "provider:\n  environment:\n    API_KEY: ${ssm:/api_key}\n",
        ),
    ];
    let scratch = Scratch::new(Reading::Default);
    for (path, bad, ..) in &rows {
        scratch.write(path, bad);
    }
    let ran = scratch.keyward(&["scan", "--format", "json"]);
    let told: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (path, _, form, _) in &rows {
        let mends: Vec<&str> = told
            .iter()
            .filter(|finding| finding["path"] == **path)
            .filter_map(|finding| finding["mend"].as_str())
            .collect();
        assert!(
            !mends.is_empty() && mends.iter().all(|mend| mend.contains(form)),
            "{path}: {mends:?}"
        );
    }
    for (path, .., good) in &rows {
        scratch.write(path, good);
    }
    scratch.keyward(&["scan"]).passes();
    let ran = scratch.keyward(&["doctor", "--ci"]);
    ran.passes();
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
}

#[test]
fn doctor_tells_the_leaks_of_pipelines_and_who_tells_the_rest() {
    let scratch = Scratch::new(Reading::Default);
    let none = scratch.keyward(&["doctor", "--ci"]);
    none.passes();
    assert_eq!(none.stdout, "keyward: there is no pipeline here\n");
    scratch.write(
        ".github/workflows/a.yml",
        "on: push\njobs:\n  a:\n    steps:\n      - env:\n          T: ${{ secrets.T }}\n        run: echo $T\n",
    );
    let ran = scratch.keyward(&["doctor", "--ci"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(
        lines[0].starts_with(".github/workflows/a.yml:7:19  T is printed"),
        "{}",
        ran.stdout
    );
    assert_eq!(lines[1], "keyward: 1 leak in 1 file of pipelines");
    assert!(lines[2].contains("zizmor and actionlint"), "{}", ran.stdout);
    assert_eq!(scratch.keyward(&["doctor", "--ci", "--json"]).code, Some(2));
}
