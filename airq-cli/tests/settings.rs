//! The configuration file and the variables of the environment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use common::{Ran, command, file, folder};

fn run_in(environment: &[(&str, &str)], args: &[&str]) -> Ran {
    let output = command(args).envs(environment.iter().copied()).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    Ran { code: output.status.code(), out: output.stdout, err }
}

#[test]
fn the_source_is_in_a_configuration_file_and_variables_and_flags_win() {
    let home = folder("settings_home");
    std::fs::create_dir_all(home.join("airq")).unwrap();
    let path = home.join("airq/airq.toml");
    let data = |name: &str, city: &str| {
        let csv = format!("time,station,city,no2\n2016-10-01,x,{city},1\n");
        file(&format!("settings_{name}"), csv)
    };
    let usual = data("usual", "Oviedo");
    std::fs::write(&path, format!("source = '{usual}'\nlisten = '0.0.0.0:80' # of the server\n")).unwrap();
    let home = home.to_str().unwrap();
    let cities = |environment: &[(&str, &str)], args: &[&str]| {
        let environment = [&[("XDG_CONFIG_HOME", home)], environment].concat();
        let ran = run_in(&environment, &[&["cities"], args].concat()).ok();
        assert_eq!(ran.err, "");
        ran.json()["cities"][0]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(cities(&[], &[]), "Oviedo");
    let variable = data("variable", "León");
    assert_eq!(cities(&[("AIRQ_SOURCE", &variable)], &[]), "León");
    let flag = data("flag", "Burgos");
    assert_eq!(cities(&[("AIRQ_SOURCE", &variable)], &["--source", &flag]), "Burgos");
    let own = file("settings_own", format!("source = '{flag}'\n"));
    assert_eq!(cities(&[], &["--config", &own]), "Burgos");
    assert_eq!(cities(&[("AIRQ_CONFIG", &own)], &[]), "Burgos");
}

#[test]
fn a_wrong_key_is_refused_with_the_nearest_and_commands_without_a_source_do_not_mind() {
    let wrong = file("settings_wrong", "\nsorce = 'x.csv'\n");
    let told = run_in(&[], &["cities", "--config", &wrong]).failed(2);
    assert!(told.contains("data.csv, line 2: no setting named \"sorce\"; nearest: source"), "{told}");
    let told = run_in(&[], &["cities", "--config", "no/such.toml"]).failed(2);
    assert!(told.contains("cannot read the configuration file no/such.toml"), "{told}");
    run_in(&[("AIRQ_CONFIG", &wrong)], &["completions", "bash"]).ok();
    let data = file("settings_convert", "time,station,no2\n2016-10-01,x,1\n");
    run_in(&[("AIRQ_CONFIG", &wrong)], &["convert", &data]).ok();
}

#[test]
fn a_variable_that_looks_like_a_setting_is_a_warning() {
    let ran = run_in(&[("AIRQ_SORUCE", "x.csv"), ("AIRQ_SERVICE_HOST", "10.0.0.1")], &["cities"]).ok();
    assert!(ran.err.contains("AIRQ_SORUCE is not a setting and is ignored; nearest: AIRQ_SOURCE"), "{}", ran.err);
    assert!(!ran.err.contains("SERVICE_HOST"), "{}", ran.err);
}
