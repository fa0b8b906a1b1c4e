//! The parameters that airq knows, as data: one entry each.
//!
//! Codes follow the EEA's vocabulary of pollutants, the parameter list of the AQS of the US EPA, Madrid's list of
//! magnitudes and of the Smart Data Models (`AirQualityObserved`; its humidity is a share of 1 and its wind
//! direction goes from −180 to 180, so these two keep their own names). Molar masses of the first ten are rounded to
//! two decimals as PubChem lists them; others are sums of the standard atomic weights. Plausible ranges start from those of
//! OpenAQ's database and are wider where European stations publish values outside them. Methane and other hydrocarbons are in mg/m³
//! because Madrid's values are: their list says µg/m³, with values of 0.7 to 3.9.

use super::{Definition, Parameter, Unit};

const COUNT: usize = 117;

/// The parameters that code names.
impl Parameter {
    /// Sulphur dioxide, µg/m³.
    pub const SO2: Parameter = Parameter(&VOCABULARY[0]);
    /// Nitrogen dioxide, µg/m³.
    pub const NO2: Parameter = Parameter(&VOCABULARY[1]);
    /// Carbon monoxide, mg/m³.
    pub const CO: Parameter = Parameter(&VOCABULARY[2]);
    /// Ozone, µg/m³.
    pub const O3: Parameter = Parameter(&VOCABULARY[3]);
    /// Particles below 10 µm, µg/m³.
    pub const PM10: Parameter = Parameter(&VOCABULARY[4]);
    /// Particles below 2.5 µm, µg/m³.
    pub const PM2_5: Parameter = Parameter(&VOCABULARY[5]);
    /// Nitrogen monoxide, µg/m³.
    pub const NO: Parameter = Parameter(&VOCABULARY[6]);
    /// Nitrogen oxides as NO₂, µg/m³.
    pub const NOX: Parameter = Parameter(&VOCABULARY[7]);
    /// Ammonia, µg/m³.
    pub const NH3: Parameter = Parameter(&VOCABULARY[8]);
    /// Benzene, µg/m³.
    pub const C6H6: Parameter = Parameter(&VOCABULARY[9]);
    /// Arsenic in PM10, ng/m³.
    pub const AS_PM10: Parameter = Parameter(&VOCABULARY[61]);
    /// Cadmium in PM10, ng/m³.
    pub const CD_PM10: Parameter = Parameter(&VOCABULARY[62]);
    /// Nickel in PM10, ng/m³.
    pub const NI_PM10: Parameter = Parameter(&VOCABULARY[63]);
    /// Lead in PM10, µg/m³.
    pub const PB_PM10: Parameter = Parameter(&VOCABULARY[64]);
    /// Benzo(a)pyrene in PM10, ng/m³.
    pub const BAP_PM10: Parameter = Parameter(&VOCABULARY[76]);
}

/// A parameter without further properties.
pub(super) const fn parameter(
    code: &'static str,
    symbol: &'static str,
    quantity: &'static str,
    unit: Unit,
) -> Definition {
    Definition {
        code,
        symbol,
        quantity,
        unit,
        molar_mass: None,
        madrid: None,
        eea: &[],
        aqs: &[],
        smart_data_model: None,
        names: &[],
        plausible: None,
        order: 0,
    }
}

impl Definition {
    const fn mass(self, molar_mass: f64) -> Definition {
        Definition { molar_mass: Some(molar_mass), ..self }
    }

    const fn madrid(self, magnitude: u16) -> Definition {
        Definition { madrid: Some(magnitude), ..self }
    }

    const fn eea(self, eea: &'static [u32]) -> Definition {
        Definition { eea, ..self }
    }

    const fn aqs(self, aqs: &'static [u32]) -> Definition {
        Definition { aqs, ..self }
    }

    const fn smart_data_model(self, property: &'static str) -> Definition {
        Definition { smart_data_model: Some(property), ..self }
    }

    const fn names(self, names: &'static [&'static str]) -> Definition {
        Definition { names, ..self }
    }

    const fn plausible(self, least: f64, most: f64) -> Definition {
        Definition { plausible: Some((least, most)), ..self }
    }
}

/// Sets the order of each entry to its position.
const fn in_order(mut entries: [Definition; COUNT]) -> [Definition; COUNT] {
    let mut position: u16 = 0;
    while (position as usize) < COUNT {
        entries[position as usize].order = position;
        position += 1;
    }
    entries
}

#[rustfmt::skip]
pub(super) static VOCABULARY: [Definition; COUNT] = in_order([
    parameter("so2", "SO₂", "sulphur dioxide", Unit::MicrogramPerCubicMetre).mass(64.07).madrid(1).eea(&[1]).aqs(&[42401]).names(&["sulfur dioxide", "dioxido de azufre", "biossido di zolfo", "dioxyde de soufre", "schwefeldioxid"]).plausible(-20.0, 5000.0),
    parameter("no2", "NO₂", "nitrogen dioxide", Unit::MicrogramPerCubicMetre).mass(46.01).madrid(8).eea(&[8]).aqs(&[42602]).names(&["dioxido de nitrogeno", "biossido di azoto", "dioxyde d azote", "stickstoffdioxid"]).plausible(-20.0, 1500.0),
    parameter("co", "CO", "carbon monoxide", Unit::MilligramPerCubicMetre).mass(28.01).madrid(6).eea(&[10]).aqs(&[42101]).names(&["monoxido de carbono", "monossido di carbonio", "monoxyde de carbone", "kohlenmonoxid"]).plausible(-2.0, 100.0),
    parameter("o3", "O₃", "ozone", Unit::MicrogramPerCubicMetre).mass(48.0).madrid(14).eea(&[7]).aqs(&[44201]).names(&["ozono", "ozon"]).plausible(-20.0, 1000.0),
    parameter("pm10", "PM10", "particles below 10 µm", Unit::MicrogramPerCubicMetre).madrid(10).eea(&[5]).aqs(&[81102, 85101]).names(&["pm10 particulate matter", "pm10 particulate matter (hourly measured)", "particulas pm10", "particulas < 10 um", "rsp", "pm10.0"]).plausible(-20.0, 5000.0),
    parameter("pm2_5", "PM2.5", "particles below 2.5 µm", Unit::MicrogramPerCubicMetre).madrid(9).eea(&[6001]).aqs(&[88101, 88502]).smart_data_model("pm25").names(&["pm25", "pm2.5 particulate matter", "pm2.5 particulate matter (hourly measured)", "particulas pm2.5", "particulas < 2.5 um", "particelle sospese pm2.5", "fsp"]).plausible(-20.0, 2000.0),
    parameter("no", "NO", "nitrogen monoxide", Unit::MicrogramPerCubicMetre).mass(30.01).madrid(7).eea(&[38]).aqs(&[42601]).names(&["nitric oxide", "monoxido de nitrogeno", "monossido di azoto", "monoxyde d azote", "stickstoffmonoxid"]).plausible(-20.0, 3000.0),
    parameter("nox", "NOₓ", "nitrogen oxides, as nitrogen dioxide", Unit::MicrogramPerCubicMetre).mass(46.01).madrid(12).eea(&[9]).aqs(&[42603]).names(&["nox as no2", "nitrogen oxides", "nitrogen oxides as nitrogen dioxide", "oxides of nitrogen", "oxidos de nitrogeno", "ossidi di azoto", "oxydes d azote", "stickoxide"]).plausible(-20.0, 5000.0),
    parameter("nh3", "NH₃", "ammonia", Unit::MicrogramPerCubicMetre).mass(17.03).eea(&[35]).aqs(&[42604]).names(&["amoniaco", "ammoniaca", "ammoniac", "ammoniak"]).plausible(-20.0, 2000.0),
    parameter("c6h6", "C₆H₆", "benzene", Unit::MicrogramPerCubicMetre).mass(78.11).madrid(30).eea(&[20]).aqs(&[45201]).names(&["benceno", "ben", "bz", "benzol"]).plausible(-5.0, 500.0),
    parameter("pm1", "PM1", "particles below 1 µm", Unit::MicrogramPerCubicMetre).eea(&[6002]).aqs(&[87111]).names(&["pm1.0", "particulas pm1"]).plausible(-20.0, 1000.0),
    parameter("pm4", "PM4", "particles below 4 µm", Unit::MicrogramPerCubicMetre).plausible(-20.0, 1000.0),
    parameter("pm_coarse", "PM10-2.5", "particles between 2.5 and 10 µm", Unit::MicrogramPerCubicMetre).aqs(&[86101]).names(&["pmco", "pm coarse", "pmcoarse"]).plausible(-100.0, 5000.0),
    parameter("tsp", "TSP", "total suspended particles", Unit::MicrogramPerCubicMetre).eea(&[4]).aqs(&[11101]).names(&["total suspended particulate", "ptot"]).plausible(-20.0, 5000.0),
    parameter("pm10_volatile", "PM10 volatile", "volatile part of PM10", Unit::MicrogramPerCubicMetre).eea(&[6400]).names(&["v10", "volatile pm10"]),
    parameter("pm10_nonvolatile", "PM10 non-volatile", "non-volatile part of PM10", Unit::MicrogramPerCubicMetre).names(&["nv10"]),
    parameter("pm2_5_volatile", "PM2.5 volatile", "volatile part of PM2.5", Unit::MicrogramPerCubicMetre).eea(&[6410]).names(&["v2.5", "volatile pm2.5"]),
    parameter("pm2_5_nonvolatile", "PM2.5 non-volatile", "non-volatile part of PM2.5", Unit::MicrogramPerCubicMetre).names(&["nv2.5"]),
    parameter("black_smoke", "BS", "black smoke", Unit::MicrogramPerCubicMetre).eea(&[6]),
    parameter("bc", "BC", "black carbon", Unit::MicrogramPerCubicMetre).eea(&[391]).aqs(&[88313, 84313, 88317, 85313]).names(&["black carbon", "carbone suie"]).plausible(-5.0, 200.0),
    parameter("bc_370", "BC 370 nm", "black carbon at 370 nm", Unit::MicrogramPerCubicMetre).plausible(-5.0, 200.0),
    parameter("bc_375", "BC 375 nm", "black carbon at 375 nm", Unit::MicrogramPerCubicMetre).plausible(-5.0, 200.0),
    parameter("bc_470", "BC 470 nm", "black carbon at 470 nm", Unit::MicrogramPerCubicMetre).plausible(-5.0, 200.0),
    parameter("bc_528", "BC 528 nm", "black carbon at 528 nm", Unit::MicrogramPerCubicMetre).plausible(-5.0, 200.0),
    parameter("bc_625", "BC 625 nm", "black carbon at 625 nm", Unit::MicrogramPerCubicMetre).plausible(-5.0, 200.0),
    parameter("bc_880", "BC 880 nm", "black carbon at 880 nm", Unit::MicrogramPerCubicMetre).plausible(-5.0, 200.0),
    parameter("ufp", "UFP", "number of ultrafine particles", Unit::PerCubicCentimetre).eea(&[6003]).names(&["ultrafine particles"]).plausible(0.0, 500_000.0),
    parameter("pnc", "PNC", "number of particles of all sizes", Unit::PerCubicCentimetre).aqs(&[87101]).names(&["pn", "particle number"]).plausible(0.0, 500_000.0),
    parameter("pn_0_3", "PN 0.3 µm", "number of particles by the size 0.3 µm", Unit::PerCubicCentimetre).names(&["um003"]).plausible(0.0, 1_500_000.0),
    parameter("pn_0_5", "PN 0.5 µm", "number of particles by the size 0.5 µm", Unit::PerCubicCentimetre).names(&["um005", "n05"]).plausible(0.0, 1_000_000.0),
    parameter("pn_1_0", "PN 1 µm", "number of particles by the size 1 µm", Unit::PerCubicCentimetre).names(&["um010", "n1"]).plausible(0.0, 500_000.0),
    parameter("pn_2_5", "PN 2.5 µm", "number of particles by the size 2.5 µm", Unit::PerCubicCentimetre).names(&["um025", "n25"]).plausible(0.0, 100_000.0),
    parameter("pn_5_0", "PN 5 µm", "number of particles by the size 5 µm", Unit::PerCubicCentimetre).names(&["um050"]).plausible(0.0, 50_000.0),
    parameter("pn_10", "PN 10 µm", "number of particles by the size 10 µm", Unit::PerCubicCentimetre).names(&["um100", "n10"]).plausible(0.0, 10_000.0),
    parameter("noy", "NOy", "reactive nitrogen, as nitrogen", Unit::MicrogramPerCubicMetre).mass(14.007).eea(&[326]).aqs(&[42600]),
    parameter("noy_no", "NOy − NO", "reactive nitrogen without nitrogen monoxide", Unit::MicrogramPerCubicMetre).mass(14.007).aqs(&[42612]),
    parameter("hno3", "HNO₃", "nitric acid", Unit::MicrogramPerCubicMetre).mass(63.012).eea(&[50]).aqs(&[42305]),
    parameter("n2o", "N₂O", "nitrous oxide", Unit::MicrogramPerCubicMetre).mass(44.013).eea(&[425]).aqs(&[42605]),
    parameter("pan", "PAN", "peroxyacetyl nitrate", Unit::MicrogramPerCubicMetre).mass(121.048).eea(&[34]).aqs(&[44301]),
    parameter("co2", "CO₂", "carbon dioxide", Unit::PartPerMillion).mass(44.009).eea(&[71]).aqs(&[42102]).names(&["dioxido de carbono", "kohlendioxid"]).plausible(0.0, 5000.0),
    parameter("ch4", "CH₄", "methane", Unit::MilligramPerCubicMetre).mass(16.043).madrid(43).eea(&[41]).aqs(&[43201]).names(&["metano"]).plausible(0.0, 10.0),
    parameter("nmhc", "NMHC", "hydrocarbons without methane, as carbon", Unit::MilligramPerCubicMetre).mass(12.011).madrid(44).eea(&[32]).aqs(&[43102]).names(&["non-methane hydrocarbons", "hidrocarburos no metanicos"]).plausible(-1.0, 50.0),
    parameter("thc", "THC", "all hydrocarbons, as carbon", Unit::MilligramPerCubicMetre).mass(12.011).madrid(42).aqs(&[43101]).names(&["total hydrocarbons", "hidrocarburos totales"]).plausible(-1.0, 50.0),
    parameter("tvoc", "TVOC", "volatile organic compounds, total", Unit::MicrogramPerCubicMetre).eea(&[33]).smart_data_model("volatileOrganicCompoundsTotal").names(&["voc", "total volatile organic compounds"]),
    parameter("h2s", "H₂S", "hydrogen sulphide", Unit::MicrogramPerCubicMetre).mass(34.076).eea(&[11]).aqs(&[42402]).smart_data_model("sh2").names(&["sh2", "hydrogen sulfide", "acido sulfhidrico", "sulfuro de hidrogeno"]),
    parameter("hcl", "HCl", "hydrogen chloride", Unit::MicrogramPerCubicMetre).mass(36.458).eea(&[39]),
    parameter("toluene", "C₇H₈", "toluene", Unit::MicrogramPerCubicMetre).mass(92.141).madrid(20).eea(&[21]).aqs(&[45202]).names(&["tolueno", "tol", "c6h5ch3", "c6h5-ch3"]).plausible(-5.0, 1000.0),
    parameter("ethylbenzene", "ethylbenzene", "ethylbenzene", Unit::MicrogramPerCubicMetre).mass(106.168).madrid(35).eea(&[431]).aqs(&[45203]).names(&["etilbenceno", "ebe"]).plausible(-5.0, 1000.0),
    parameter("xylene", "xylene", "xylenes, all", Unit::MicrogramPerCubicMetre).mass(106.168).eea(&[78]).aqs(&[45102]).names(&["xylenes", "xileno", "xilenos"]).plausible(-5.0, 1000.0),
    parameter("mp_xylene", "m,p-xylene", "m- and p-xylene", Unit::MicrogramPerCubicMetre).mass(106.168).madrid(431).eea(&[464]).aqs(&[45109]).names(&["mp-xylene", "mp-xileno", "metaparaxileno"]).plausible(-5.0, 1000.0),
    parameter("m_xylene", "m-xylene", "m-xylene", Unit::MicrogramPerCubicMetre).mass(106.168).madrid(37).eea(&[81]).names(&["metaxileno", "mxy", "m-xileno", "metaxylene"]).plausible(-5.0, 1000.0),
    parameter("p_xylene", "p-xylene", "p-xylene", Unit::MicrogramPerCubicMetre).mass(106.168).madrid(38).eea(&[80]).names(&["paraxileno", "pxy", "p-xileno", "paraxylene"]).plausible(-5.0, 1000.0),
    parameter("o_xylene", "o-xylene", "o-xylene", Unit::MicrogramPerCubicMetre).mass(106.168).madrid(39).eea(&[482]).aqs(&[45204]).names(&["ortoxileno", "oxy", "o-xileno", "orthoxylene"]).plausible(-5.0, 1000.0),
    parameter("styrene", "styrene", "styrene", Unit::MicrogramPerCubicMetre).mass(104.152).eea(&[22]).aqs(&[45220]).names(&["estireno"]),
    parameter("butadiene_1_3", "1,3-butadiene", "1,3-butadiene", Unit::MicrogramPerCubicMetre).mass(54.092).eea(&[24]).aqs(&[43218]),
    parameter("isoprene", "isoprene", "isoprene", Unit::MicrogramPerCubicMetre).mass(68.119).eea(&[451]).aqs(&[43243]),
    parameter("tmb_1_2_4", "1,2,4-trimethylbenzene", "1,2,4-trimethylbenzene", Unit::MicrogramPerCubicMetre).mass(120.195).eea(&[6011]).aqs(&[45208]),
    parameter("hcho", "HCHO", "formaldehyde", Unit::MicrogramPerCubicMetre).mass(30.026).eea(&[25]).aqs(&[43502]).names(&["formaldehido"]),
    parameter("acetaldehyde", "acetaldehyde", "acetaldehyde", Unit::MicrogramPerCubicMetre).mass(44.053).eea(&[427]).aqs(&[43503]),
    parameter("vinyl_chloride", "vinyl chloride", "vinyl chloride", Unit::MicrogramPerCubicMetre).mass(62.496).eea(&[31]).aqs(&[43860]),
    parameter("hg", "Hg", "gaseous mercury", Unit::NanogramPerCubicMetre).mass(200.592).eea(&[4013, 4813]).aqs(&[42242]).names(&["mercury", "mercurio"]),
    parameter("as_pm10", "As in PM10", "arsenic in PM10", Unit::NanogramPerCubicMetre).eea(&[5018]).aqs(&[82103, 85103]).smart_data_model("as").names(&["pm10_as"]),
    parameter("cd_pm10", "Cd in PM10", "cadmium in PM10", Unit::NanogramPerCubicMetre).eea(&[5014]).aqs(&[82110, 85110]).smart_data_model("cd").names(&["pm10_cd"]),
    parameter("ni_pm10", "Ni in PM10", "nickel in PM10", Unit::NanogramPerCubicMetre).eea(&[5015]).aqs(&[82136, 85136]).smart_data_model("ni").names(&["pm10_ni"]),
    parameter("pb_pm10", "Pb in PM10", "lead in PM10", Unit::MicrogramPerCubicMetre).eea(&[5012]).aqs(&[82128, 85128, 85129]).smart_data_model("pb").names(&["pm10_pb"]),
    parameter("pb_tsp", "Pb in TSP", "lead in TSP", Unit::MicrogramPerCubicMetre).aqs(&[14129]),
    parameter("hg_pm10", "Hg in PM10", "mercury in PM10", Unit::NanogramPerCubicMetre).eea(&[5013]),
    parameter("cr_pm10", "Cr in PM10", "chromium in PM10", Unit::NanogramPerCubicMetre).eea(&[5016]),
    parameter("mn_pm10", "Mn in PM10", "manganese in PM10", Unit::NanogramPerCubicMetre).eea(&[5017]),
    parameter("cu_pm10", "Cu in PM10", "copper in PM10", Unit::NanogramPerCubicMetre).eea(&[5073]),
    parameter("zn_pm10", "Zn in PM10", "zinc in PM10", Unit::NanogramPerCubicMetre).eea(&[5063]),
    parameter("v_pm10", "V in PM10", "vanadium in PM10", Unit::NanogramPerCubicMetre).eea(&[5049]),
    parameter("as_pm2_5", "As in PM2.5", "arsenic in PM2.5", Unit::NanogramPerCubicMetre).eea(&[1018]).aqs(&[88103]),
    parameter("cd_pm2_5", "Cd in PM2.5", "cadmium in PM2.5", Unit::NanogramPerCubicMetre).eea(&[1014]).aqs(&[88110]),
    parameter("ni_pm2_5", "Ni in PM2.5", "nickel in PM2.5", Unit::NanogramPerCubicMetre).eea(&[1015]).aqs(&[88136]),
    parameter("pb_pm2_5", "Pb in PM2.5", "lead in PM2.5", Unit::MicrogramPerCubicMetre).eea(&[1012]).aqs(&[88128]),
    parameter("bap_pm10", "BaP in PM10", "benzo(a)pyrene in PM10", Unit::NanogramPerCubicMetre).eea(&[5029, 5129, 6015]).aqs(&[82242]).names(&["pm10_bap", "benzo(a)pyrene"]),
    parameter("ec_pm2_5", "EC in PM2.5", "elemental carbon in PM2.5", Unit::MicrogramPerCubicMetre).eea(&[1771]).aqs(&[88321, 88307]),
    parameter("oc_pm2_5", "OC in PM2.5", "organic carbon in PM2.5", Unit::MicrogramPerCubicMetre).eea(&[1772]).aqs(&[88320, 88305]),
    parameter("ec_pm10", "EC in PM10", "elemental carbon in PM10", Unit::MicrogramPerCubicMetre).eea(&[5771]).aqs(&[82307]).names(&["pm10_ect"]),
    parameter("oc_pm10", "OC in PM10", "organic carbon in PM10", Unit::MicrogramPerCubicMetre).eea(&[5772]).aqs(&[82305]).names(&["pm10_oct"]),
    parameter("so4_pm2_5", "SO₄ in PM2.5", "sulphate in PM2.5", Unit::MicrogramPerCubicMetre).eea(&[1047]).aqs(&[88403]),
    parameter("so4_pm10", "SO₄ in PM10", "sulphate in PM10", Unit::MicrogramPerCubicMetre).eea(&[5047]).aqs(&[82403]),
    parameter("no3_pm2_5", "NO₃ in PM2.5", "nitrate in PM2.5", Unit::MicrogramPerCubicMetre).eea(&[1046]).aqs(&[88306]),
    parameter("no3_pm10", "NO₃ in PM10", "nitrate in PM10", Unit::MicrogramPerCubicMetre).eea(&[5046]).aqs(&[82306]),
    parameter("nh4_pm2_5", "NH₄ in PM2.5", "ammonium in PM2.5", Unit::MicrogramPerCubicMetre).eea(&[1045]).aqs(&[88301]),
    parameter("nh4_pm10", "NH₄ in PM10", "ammonium in PM10", Unit::MicrogramPerCubicMetre).eea(&[5045]).aqs(&[82301]),
    parameter("cl_pm10", "Cl in PM10", "chloride in PM10", Unit::MicrogramPerCubicMetre).eea(&[5631]),
    parameter("na_pm10", "Na in PM10", "sodium in PM10", Unit::MicrogramPerCubicMetre).eea(&[5668]),
    parameter("k_pm10", "K in PM10", "potassium in PM10", Unit::MicrogramPerCubicMetre).eea(&[5657]),
    parameter("ca_pm10", "Ca in PM10", "calcium in PM10", Unit::MicrogramPerCubicMetre).eea(&[5629]),
    parameter("mg_pm10", "Mg in PM10", "magnesium in PM10", Unit::MicrogramPerCubicMetre).eea(&[5659]),
    parameter("radon", "Rn", "radon", Unit::BecquerelPerCubicMetre),
    parameter("dose_rate", "dose rate", "ambient dose rate", Unit::MicrosievertPerHour),
    parameter("temperature", "temperature", "air temperature", Unit::Celsius).aqs(&[62101]).names(&["temp", "t", "tmp", "amb_temp", "ambient_temp", "ambient temperature", "air_temp", "air temperature", "modelled temperature", "temperatura", "outdoor temperature"]).plausible(-90.0, 60.0),
    parameter("temperature_indoor", "indoor temperature", "temperature inside", Unit::Celsius).aqs(&[62107]).plausible(-90.0, 90.0),
    parameter("dew_point", "dew point", "dew point", Unit::Celsius).aqs(&[62103]).names(&["dewp", "dewpoint"]).plausible(-90.0, 60.0),
    parameter("humidity", "relative humidity", "relative humidity", Unit::Percent).aqs(&[62201]).names(&["relativehumidity", "rh", "rhum", "hum", "feucht", "humedad", "humedad relativa"]).plausible(0.0, 100.0),
    parameter("pressure", "pressure", "air pressure at the station", Unit::Hectopascal).aqs(&[64101]).names(&["pres", "press", "air pressure", "druck", "barometric pressure", "presion"]).plausible(500.0, 1085.0),
    parameter("pressure_sealevel", "sea-level pressure", "air pressure at sea level", Unit::Hectopascal).plausible(850.0, 1085.0),
    parameter("wind_speed", "wind speed", "wind speed", Unit::MetrePerSecond).aqs(&[61101]).smart_data_model("windSpeed").names(&["ws", "wspm", "wsp", "windge", "modelled wind speed", "windspeed", "velocidad del viento"]).plausible(0.0, 115.0),
    parameter("wind_direction", "wind direction", "direction that the wind comes from", Unit::Degree).aqs(&[61102]).names(&["wd", "wdr", "wind_direc", "windri", "modelled wind direction", "winddirection", "direccion del viento"]).plausible(0.0, 360.0),
    parameter("wind_speed_vector", "vector wind speed", "speed of the resultant wind vector", Unit::MetrePerSecond).aqs(&[61103]).plausible(0.0, 115.0),
    parameter("wind_direction_vector", "vector wind direction", "direction of the resultant wind vector", Unit::Degree).aqs(&[61104]).plausible(0.0, 360.0),
    parameter("wind_direction_sd", "wind direction deviation", "standard deviation of the wind direction", Unit::Degree).aqs(&[61106]),
    parameter("wind_gust", "gust", "peak gust of the wind", Unit::MetrePerSecond).aqs(&[61105]).names(&["gust", "wind gust"]).plausible(0.0, 115.0),
    parameter("solar_radiation", "solar radiation", "global radiation", Unit::WattPerSquareMetre).aqs(&[63301]).names(&["strahl", "global radiation", "radiacion solar", "solar radiation"]).plausible(-20.0, 1600.0),
    parameter("uv", "UV", "ultraviolet radiation", Unit::WattPerSquareMetre).aqs(&[63302, 63304]).names(&["ultraviolet radiation"]),
    parameter("precipitation", "precipitation", "rain and melted snow", Unit::Millimetre).eea(&[753]).aqs(&[65102]).names(&["rain", "rainfall", "precipitacion", "lluvia"]).plausible(0.0, 500.0),
    parameter("visibility", "visibility", "visibility", Unit::Kilometre).aqs(&[63101]),
    parameter("noise_laeq", "LAeq", "equivalent sound level", Unit::Decibel).names(&["laeq", "noise_leq"]).plausible(0.0, 160.0),
    parameter("noise_lamin", "LAmin", "least sound level", Unit::Decibel).names(&["noise_la_min"]).plausible(0.0, 160.0),
    parameter("noise_lamax", "LAmax", "greatest sound level", Unit::Decibel).names(&["noise_la_max"]).plausible(0.0, 160.0),
    parameter("noise_la01", "LA01", "sound level exceeded in 1 % of the time", Unit::Decibel).names(&["noise_l01"]).plausible(0.0, 160.0),
    parameter("noise_la95", "LA95", "sound level exceeded in 95 % of the time", Unit::Decibel).names(&["noise_l95"]).plausible(0.0, 160.0),
    parameter("illuminance", "illuminance", "illuminance", Unit::Lux).names(&["brightness"]),
    parameter("battery", "battery", "supply voltage", Unit::Volt).names(&["battery voltage"]),
]);
