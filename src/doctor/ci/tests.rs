use super::*;

/// Line, column and word of each leak of a file at a path.
fn told(path: &str, text: &str) -> Vec<(usize, usize, &'static str)> {
    let platform = Platform::of(path.as_bytes()).unwrap_or_else(|| panic!("{path} is no pipeline"));
    let found = leaks(platform, text);
    found
        .iter()
        .map(|leak| (leak.line, leak.column, leak.about))
        .collect()
}

fn workflow(steps: &str) -> String {
    format!(
        "on: push\njobs:\n  a:\n    env:\n      TOKEN: ${{{{ secrets.TOKEN }}}}\n    steps:\n{steps}"
    )
}

/// What a workflow's steps are told, by their own lines.
fn of_steps(steps: &str) -> Vec<(usize, &'static str)> {
    let found = told(".github/workflows/ci.yml", &workflow(steps));
    found
        .into_iter()
        .map(|(line, _, about)| (line - 6, about))
        .collect()
}

#[test]
fn each_leak_of_a_workflow_is_told_at_its_line() {
    for (steps, expected) in [
        ("      - run: echo $TOKEN\n", &[(1, "printed")][..]),
        ("      - run: echo \"it is ${TOKEN}\"\n", &[(1, "printed")]),
        (
            "      - run: |\n          make\n          echo ${{ secrets.OTHER }}\n",
            &[(3, "printed")],
        ),
        (
            "      - run: make && printf '%s' \"$TOKEN\"\n",
            &[(1, "printed")],
        ),
        ("      - run: echo $TOKEN | base64\n", &[(1, "printed")]),
        (
            "      - run: echo $TOKEN | rev | tr a b\n",
            &[(1, "printed")],
        ),
        (
            "      - run: echo $TOKEN >> $GITHUB_STEP_SUMMARY\n",
            &[(1, "printed")],
        ),
        ("      - run: echo $TOKEN >&2\n", &[(1, "printed")]),
        (
            "      - run: |\n          set -ex\n          curl -H \"a: $TOKEN\" https://a.example\n",
            &[(2, "traced")],
        ),
        (
            "      - run: |\n          set -o xtrace\n          ./a.sh $TOKEN\n",
            &[(2, "traced")],
        ),
        (
            "      - run: docker build --build-arg T=$TOKEN .\n",
            &[(1, "build-argument")],
        ),
        (
            "      - uses: docker/build-push-action@v6\n        with:\n          build-args: |\n            T=${{ secrets.T }}\n",
            &[(4, "build-argument")],
        ),
        (
            "      - uses: actions/cache@v4\n        with:\n          path: x\n          key: a-${{ secrets.T }}\n",
            &[(4, "cache-key")],
        ),
        (
            "      - uses: actions/upload-artifact@v4\n        with:\n          path: |\n            dist\n            .env\n",
            &[(5, "kept-file")],
        ),
        (
            "      - with:\n          path: ~/.docker/config.json\n        uses: actions/cache@v4\n",
            &[(2, "kept-file")],
        ),
        (
            "      - env:\n          ALL: ${{ toJSON(secrets) }}\n        run: ./a\n",
            &[(2, "all-secrets")],
        ),
        (
            "      - run: ./a '${{ toJson( secrets ) }}'\n",
            &[(1, "all-secrets")],
        ),
    ] {
        assert_eq!(of_steps(steps), expected, "{steps}");
    }
}

#[test]
fn what_is_right_is_silent() {
    for steps in [
        "      - run: echo \"$TOKEN\" | docker login --password-stdin\n",
        "      - run: echo \"$TOKEN\" > key.pem\n",
        "      - run: echo \"//a/:_authToken=$TOKEN\" >> ~/.npmrc\n",
        "      - run: echo \"::add-mask::$TOKEN\"\n",
        "      - run: echo '$TOKEN is not set'\n",
        "      - run: echo \"\\$TOKEN\"\n",
        "      - run: echo ${TOKEN:+set}\n",
        "      - run: echo ${{ secrets.T != '' }}\n",
        "      - run: echo $TOKENS $TO\n",
        "      - run: echo done\n      # echo $TOKEN\n",
        "      - run: AUTH=$(echo $TOKEN | base64)\n",
        "      - name: echo $TOKEN\n        run: make\n",
        "      - run: |\n          set -x\n          make\n          set +x\n          ./a $TOKEN\n",
        "      - run: |\n          set -x\n          make\n      - run: ./a $TOKEN\n",
        "      - run: |\n          set -euo pipefail\n          ./a $TOKEN\n",
        "      - run: docker build --build-arg V=1 --secret id=token,env=TOKEN .\n",
        "      - uses: actions/cache@v4\n        with:\n          path: ~/.npm\n          key: a-${{ hashFiles('x') }}\n",
        "      - uses: actions/upload-artifact@v4\n        with:\n          name: .env\n          path: dist\n",
        "      - uses: actions/checkout@v4\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n",
        "      - env:\n          A: ${{ toJSON(github) }}\n        run: ./a\n",
    ] {
        assert_eq!(of_steps(steps), [], "{steps}");
    }
    assert_eq!(leaks(Platform::GitHub, ""), []);
}

#[test]
fn the_head_of_a_pull_request_has_no_secrets() {
    let steps = "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n";
    for (on, expected) in [
        ("on: pull_request_target\n", true),
        ("on: [push, pull_request_target]\n", true),
        ("on:\n  pull_request_target:\n    types: [opened]\n", true),
        ("on:\n  - pull_request_target\n", true),
        ("\"on\":\n  pull_request_target:\n", true),
        ("on: pull_request\n", false),
    ] {
        let found = told(".github/workflows/a.yml", &format!("{on}{steps}"));
        assert_eq!(!found.is_empty(), expected, "{on}: {found:?}");
    }
    let base = steps.replace(
        "          ref: ${{ github.event.pull_request.head.sha }}\n",
        "          fetch-depth: 0\n",
    );
    assert_eq!(
        told(
            ".github/workflows/a.yml",
            &format!("on: pull_request_target\n{base}")
        ),
        []
    );
}

#[test]
fn other_platforms_are_read_in_their_own_way() {
    for (path, text, expected) in [
        (
            ".gitlab-ci.yml",
            "a:\n  script:\n    - make\n    - echo $DEPLOY_TOKEN\n",
            &[(4, 12, "printed")][..],
        ),
        (
            ".gitlab-ci.yml",
            "a:\n  script:\n  - echo $DEPLOY_TOKEN\n",
            &[(3, 10, "printed")],
        ),
        (
            ".gitlab-ci.yml",
            "a:\n  script:\n    - echo $CI_COMMIT_SHA $PORT\n",
            &[],
        ),
        (
            ".gitlab-ci.yml",
            "variables:\n  CI_DEBUG_TRACE: \"true\"\n",
            &[(2, 3, "debugging")],
        ),
        (
            ".gitlab-ci.yml",
            "a:\n  artifacts:\n    paths:\n      - dist\n      - .env\n",
            &[(5, 9, "kept-file")],
        ),
        (
            ".gitlab-ci.yml",
            "a:\n  cache:\n    key: $API_TOKEN\n",
            &[(3, 10, "cache-key")],
        ),
        (
            ".circleci/config.yml",
            "jobs:\n  a:\n    steps:\n      - run: echo $API_KEY\n",
            &[(4, 19, "printed")],
        ),
        (
            ".circleci/config.yml",
            "jobs:\n  a:\n    steps:\n      - run:\n          command: |\n            set -x\n            ./a $API_KEY\n",
            &[(6, 13, "traced")],
        ),
        (
            ".circleci/config.yml",
            "jobs:\n  a:\n    steps:\n      - save_cache:\n          key: v1-{{ .Environment.API_TOKEN }}\n",
            &[(5, 22, "cache-key")],
        ),
        (
            "azure-pipelines.yml",
            "variables:\n  system.debug: true\nsteps:\n- script: echo $(DB_PASSWORD)\n",
            &[(2, 3, "debugging"), (4, 16, "printed")],
        ),
        (
            "app/.azuredevops/steps/build.yml",
            "steps:\n- script: echo $(DB_PASSWORD)\n",
            &[(2, 16, "printed")],
        ),
        (
            "bitbucket-pipelines.yml",
            "pipelines:\n  default:\n    - step:\n        script:\n          - echo $API_KEY\n        artifacts:\n          - .env\n",
            &[(5, 18, "printed"), (7, 13, "kept-file")],
        ),
        (
            ".drone.yml",
            "steps:\n- name: a\n  environment:\n    DEPLOY:\n      from_secret: deploy\n  commands:\n  - echo $DEPLOY\n",
            &[(7, 10, "printed")],
        ),
        (
            ".buildkite/pipeline.yml",
            "steps:\n  - command: echo $$API_TOKEN\n",
            &[(2, 19, "printed")],
        ),
        (
            ".travis.yml",
            "script:\n  - echo $API_TOKEN\n",
            &[(2, 10, "printed")],
        ),
        (
            "Jenkinsfile",
            "withCredentials([string(credentialsId: 'a', variable: 'TOKEN')]) {\n  sh \"curl -H ${TOKEN} https://a.example\"\n}\n",
            &[(2, 15, "interpolated")],
        ),
        (
            "Jenkinsfile",
            "environment { TOKEN = credentials('a') }\nsteps { sh 'curl -H $TOKEN https://a.example' }\n",
            &[],
        ),
    ] {
        assert_eq!(told(path, text), expected, "{path}: {text}");
    }
    for path in [
        "README.md",
        "ci.yml",
        ".github/dependabot.yml",
        "Dockerfile",
        "",
    ] {
        assert_eq!(Platform::of(path.as_bytes()), None, "{path}");
    }
}

#[test]
fn no_text_is_too_odd_or_takes_too_long() {
    let mut random = crate::lab::Random::new(11);
    let pieces = [
        "- ",
        "run: |\n",
        "${{ secrets.",
        "}}",
        "echo ",
        "$",
        "\"",
        "'",
        "\\",
        "\n",
        "  ",
        "key: ",
        "é",
        "set -x",
        "|",
        "\0",
        "::",
    ];
    for _ in 0..300 {
        let text: String = (0..60)
            .map(|_| pieces[random.below(pieces.len())])
            .collect();
        for platform in [
            Platform::GitHub,
            Platform::GitLab,
            Platform::Jenkins,
            Platform::Drone,
        ] {
            leaks(platform, &text);
        }
    }
    let deep: String = (0..5000)
        .map(|at| format!("{}a:\n", " ".repeat(at % 300)))
        .collect();
    leaks(Platform::GitHub, &deep);
    leaks(Platform::GitHub, &"- run: set -x\n".repeat(30_000));
    leaks(
        Platform::GitLab,
        &format!("script:\n  - {}", "echo $A;".repeat(900)),
    );
}
