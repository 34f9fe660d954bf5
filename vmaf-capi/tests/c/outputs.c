/* Files written by vmaf_write_output(), compared with those of libvmaf. */

#include <unistd.h>

#include "common.h"

static const char nothing_xml[] =
    "<VMAF version=\"%s\">\n"
    "  <params qualityWidth=\"0\" qualityHeight=\"0\" />\n"
    "  <frames>\n"
    "  </frames>\n"
    "  <pooled_metrics>\n"
    "  </pooled_metrics>\n"
    "  <aggregate_metrics />\n"
    "</VMAF>\n";

static const char nothing_json[] =
    "{\n"
    "  \"version\": \"%s\",\n"
    "  \"frames\": [\n"
    "  ],\n"
    "  \"pooled_metrics\": {\n"
    "  },\n"
    "  \"aggregate_metrics\": {\n"
    "  }\n"
    "}\n";

static const char nothing_csv[] =
    "Frame,\n";

/* Every frame of four. */
static const char all_xml[] =
    "<VMAF version=\"%s\">\n"
    "  <params qualityWidth=\"20\" qualityHeight=\"10\" />\n"
    "  <frames>\n"
    "    <frame frameNum=\"0\" integer_motion2=\"0.000000\" mine=\"0.0000001000000000\" psnr_y=\"60.000000\" even=\"-1.250000\" />\n"
    "    <frame frameNum=\"1\" integer_motion2=\"1.000000\" mine=\"1.0000001000000001\" psnr_y=\"59.666667\" />\n"
    "    <frame frameNum=\"2\" integer_motion2=\"2.000000\" mine=\"2.0000000999999998\" psnr_y=\"59.333333\" even=\"-1.250000\" />\n"
    "    <frame frameNum=\"3\" integer_motion2=\"3.000000\" mine=\"3.0000000999999998\" psnr_y=\"59.000000\" />\n"
    "  </frames>\n"
    "  <pooled_metrics>\n"
    "    <metric name=\"integer_motion2\" min=\"0.000000\" max=\"3.000000\" mean=\"1.500000\" harmonic_mean=\"0.920000\" />\n"
    "    <metric name=\"mine\" min=\"0.0000001000000000\" max=\"3.0000000999999998\" mean=\"1.500000\" harmonic_mean=\"0.920000\" />\n"
    "    <metric name=\"psnr_y\" min=\"59.000000\" max=\"60.000000\" mean=\"59.500000\" harmonic_mean=\"59.497704\" />\n"
    "    <metric name=\"even\" />\n"
    "  </pooled_metrics>\n"
    "  <aggregate_metrics />\n"
    "</VMAF>\n";

static const char all_json[] =
    "{\n"
    "  \"version\": \"%s\",\n"
    "  \"frames\": [\n"
    "    {\n"
    "      \"frameNum\": 0,\n"
    "      \"metrics\": {\n"
    "        \"integer_motion2\": 0.000000,\n"
    "        \"mine\": 0.0000001000000000,\n"
    "        \"psnr_y\": 60.000000,\n"
    "        \"even\": -1.250000\n"
    "      }\n"
    "    },\n"
    "    {\n"
    "      \"frameNum\": 1,\n"
    "      \"metrics\": {\n"
    "        \"integer_motion2\": 1.000000,\n"
    "        \"mine\": 1.0000001000000001,\n"
    "        \"psnr_y\": 59.666667\n"
    "      }\n"
    "    },\n"
    "    {\n"
    "      \"frameNum\": 2,\n"
    "      \"metrics\": {\n"
    "        \"integer_motion2\": 2.000000,\n"
    "        \"mine\": 2.0000000999999998,\n"
    "        \"psnr_y\": 59.333333,\n"
    "        \"even\": -1.250000\n"
    "      }\n"
    "    },\n"
    "    {\n"
    "      \"frameNum\": 3,\n"
    "      \"metrics\": {\n"
    "        \"integer_motion2\": 3.000000,\n"
    "        \"mine\": 3.0000000999999998,\n"
    "        \"psnr_y\": 59.000000\n"
    "      }\n"
    "    }\n"
    "  ],\n"
    "  \"pooled_metrics\": {\n"
    "    \"integer_motion2\": {\n"
    "      \"min\": 0.000000,\n"
    "      \"max\": 3.000000,\n"
    "      \"mean\": 1.500000,\n"
    "      \"harmonic_mean\": 0.920000\n"
    "    },\n"
    "    \"mine\": {\n"
    "      \"min\": 0.0000001000000000,\n"
    "      \"max\": 3.0000000999999998,\n"
    "      \"mean\": 1.500000,\n"
    "      \"harmonic_mean\": 0.920000\n"
    "    },\n"
    "    \"psnr_y\": {\n"
    "      \"min\": 59.000000,\n"
    "      \"max\": 60.000000,\n"
    "      \"mean\": 59.500000,\n"
    "      \"harmonic_mean\": 59.497704\n"
    "    },\n"
    "    \"even\": {\n"
    "    }\n"
    "  },\n"
    "  \"aggregate_metrics\": {\n"
    "  }\n"
    "}\n";

static const char all_csv[] =
    "Frame,integer_motion2,mine,psnr_y,even,\n"
    "0,0.000000,0.0000001000000000,60.000000,-1.250000,\n"
    "1,1.000000,1.0000001000000001,59.666667,\n"
    "2,2.000000,2.0000000999999998,59.333333,-1.250000,\n"
    "3,3.000000,3.0000000999999998,59.000000,\n";

static const char all_sub[] =
    "{0}{1}frame: 0|integer_motion2: 0.000000|mine: 0.0000001000000000|psnr_y: 60.000000|even: -1.250000|\n"
    "{1}{2}frame: 1|integer_motion2: 1.000000|mine: 1.0000001000000001|psnr_y: 59.666667|\n"
    "{2}{3}frame: 2|integer_motion2: 2.000000|mine: 2.0000000999999998|psnr_y: 59.333333|even: -1.250000|\n"
    "{3}{4}frame: 3|integer_motion2: 3.000000|mine: 3.0000000999999998|psnr_y: 59.000000|\n";

/* Every third frame of four. */
static const char third_xml[] =
    "<VMAF version=\"%s\">\n"
    "  <params qualityWidth=\"20\" qualityHeight=\"10\" />\n"
    "  <frames>\n"
    "    <frame frameNum=\"0\" integer_motion2=\"0.000000\" mine=\"0.0000001000000000\" psnr_y=\"60.000000\" even=\"-1.250000\" />\n"
    "    <frame frameNum=\"3\" integer_motion2=\"3.000000\" mine=\"3.0000000999999998\" psnr_y=\"59.000000\" />\n"
    "  </frames>\n"
    "  <pooled_metrics>\n"
    "    <metric name=\"integer_motion2\" min=\"0.000000\" max=\"3.000000\" mean=\"1.500000\" harmonic_mean=\"0.600000\" />\n"
    "    <metric name=\"mine\" min=\"0.0000001000000000\" max=\"3.0000000999999998\" mean=\"1.500000\" harmonic_mean=\"0.600000\" />\n"
    "    <metric name=\"psnr_y\" min=\"59.000000\" max=\"60.000000\" mean=\"59.500000\" harmonic_mean=\"59.495868\" />\n"
    "    <metric name=\"even\" />\n"
    "  </pooled_metrics>\n"
    "  <aggregate_metrics />\n"
    "</VMAF>\n";

static const char third_json[] =
    "{\n"
    "  \"version\": \"%s\",\n"
    "  \"frames\": [\n"
    "    {\n"
    "      \"frameNum\": 0,\n"
    "      \"metrics\": {\n"
    "        \"integer_motion2\": 0.000000,\n"
    "        \"mine\": 0.0000001000000000,\n"
    "        \"psnr_y\": 60.000000,\n"
    "        \"even\": -1.250000\n"
    "      }\n"
    "    },\n"
    "    {\n"
    "      \"frameNum\": 3,\n"
    "      \"metrics\": {\n"
    "        \"integer_motion2\": 3.000000,\n"
    "        \"mine\": 3.0000000999999998,\n"
    "        \"psnr_y\": 59.000000\n"
    "      }\n"
    "    }\n"
    "  ],\n"
    "  \"pooled_metrics\": {\n"
    "    \"integer_motion2\": {\n"
    "      \"min\": 0.000000,\n"
    "      \"max\": 3.000000,\n"
    "      \"mean\": 1.500000,\n"
    "      \"harmonic_mean\": 0.600000\n"
    "    },\n"
    "    \"mine\": {\n"
    "      \"min\": 0.0000001000000000,\n"
    "      \"max\": 3.0000000999999998,\n"
    "      \"mean\": 1.500000,\n"
    "      \"harmonic_mean\": 0.600000\n"
    "    },\n"
    "    \"psnr_y\": {\n"
    "      \"min\": 59.000000,\n"
    "      \"max\": 60.000000,\n"
    "      \"mean\": 59.500000,\n"
    "      \"harmonic_mean\": 59.495868\n"
    "    },\n"
    "    \"even\": {\n"
    "    }\n"
    "  },\n"
    "  \"aggregate_metrics\": {\n"
    "  }\n"
    "}\n";

static const char third_csv[] =
    "Frame,integer_motion2,mine,psnr_y,even,\n"
    "0,0.000000,0.0000001000000000,60.000000,-1.250000,\n"
    "3,3.000000,3.0000000999999998,59.000000,\n";

static const char third_sub[] =
    "{0}{1}frame: 0|integer_motion2: 0.000000|mine: 0.0000001000000000|psnr_y: 60.000000|even: -1.250000|\n"
    "{3}{4}frame: 3|integer_motion2: 3.000000|mine: 3.0000000999999998|psnr_y: 59.000000|\n";

static char path[] = "output-XXXXXX";

/* Content of the file, without the line that gives the speed. */
static char *content(void)
{
    static char text[20000];
    size_t size = 0;
    FILE *const file = fopen(path, "r");
    EXPECT(file);
    while (file && fgets(text + size, (int) (sizeof(text) - size), file))
        if (!strstr(text + size, "fps"))
            size += strlen(text + size);
    text[size] = '\0';
    if (file)
        fclose(file);
    return text;
}

static char *written(VmafContext *vmaf, enum VmafOutputFormat fmt)
{
    EXPECT_OK(vmaf_write_output(vmaf, path, fmt));
    return content();
}

/* `expected` may have one %s, the version. */
static void expect_text(VmafContext *vmaf, enum VmafOutputFormat fmt, const char *expected)
{
    char with_version[20000];
    const char *const version = strstr(expected, "%s");
    if (version)
        snprintf(with_version, sizeof(with_version), "%.*s%s%s", (int) (version - expected), expected,
                 vmaf_version(), version + 2);
    else
        snprintf(with_version, sizeof(with_version), "%s", expected);
    const char *const text = written(vmaf, fmt);
    if (!strcmp(text, with_version))
        return;
    printf("format %u: %s\ninstead of: %s\n", fmt, text, with_version);
    failures++;
}

static void refusals(void)
{
    VmafContext *vmaf = open_context(0, 0);
    EXPECT_INVALID(vmaf_write_output(vmaf, "", VMAF_OUTPUT_FORMAT_JSON));
    EXPECT_INVALID(vmaf_write_output(vmaf, "no such folder/file", VMAF_OUTPUT_FORMAT_JSON));
    EXPECT_INVALID(vmaf_write_output(vmaf, path, VMAF_OUTPUT_FORMAT_NONE));
    EXPECT_INVALID(vmaf_write_output(vmaf, path, (enum VmafOutputFormat) 5));
    EXPECT_OK(vmaf_close(vmaf));
}

static void nothing(void)
{
    VmafContext *vmaf = open_context(0, 0);
    expect_text(vmaf, VMAF_OUTPUT_FORMAT_XML, nothing_xml);
    expect_text(vmaf, VMAF_OUTPUT_FORMAT_JSON, nothing_json);
    expect_text(vmaf, VMAF_OUTPUT_FORMAT_CSV, nothing_csv);
    expect_text(vmaf, VMAF_OUTPUT_FORMAT_SUB, "");
    EXPECT_OK(vmaf_close(vmaf));
}

/* Imported scores of pictures that were read. Short names of libvmaf's features are written. */
static void scores(unsigned n_subsample)
{
    const struct clip clip = { VMAF_PIX_FMT_YUV420P, 8, 20, 10 };
    VmafContext *vmaf = open_context(0, n_subsample);
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_OK(vmaf_import_feature_score(vmaf, "VMAF_integer_feature_motion2_score", i, i));
        /* A small fraction gets more digits. */
        EXPECT_OK(vmaf_import_feature_score(vmaf, "mine", i + 1e-7, i));
        EXPECT_OK(vmaf_import_feature_score(vmaf, "psnr_y", 60 - i / 3., i));
        /* A feature without the frames in between. */
        if (i % 2 == 0)
            EXPECT_OK(vmaf_import_feature_score(vmaf, "even", -1.25, i));
    }
    read_clip(vmaf, clip, 4);
    if (n_subsample < 2) {
        expect_text(vmaf, VMAF_OUTPUT_FORMAT_XML, all_xml);
        expect_text(vmaf, VMAF_OUTPUT_FORMAT_JSON, all_json);
        expect_text(vmaf, VMAF_OUTPUT_FORMAT_CSV, all_csv);
        expect_text(vmaf, VMAF_OUTPUT_FORMAT_SUB, all_sub);
    } else {
        expect_text(vmaf, VMAF_OUTPUT_FORMAT_XML, third_xml);
        expect_text(vmaf, VMAF_OUTPUT_FORMAT_JSON, third_json);
        expect_text(vmaf, VMAF_OUTPUT_FORMAT_CSV, third_csv);
        expect_text(vmaf, VMAF_OUTPUT_FORMAT_SUB, third_sub);
    }
    EXPECT_OK(vmaf_close(vmaf));
}

/* JSON has no numbers for these. */
static void not_numbers(void)
{
    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_import_feature_score(vmaf, "no_number", NAN, 0));
    EXPECT_OK(vmaf_import_feature_score(vmaf, "infinite", INFINITY, 0));
    EXPECT_OK(vmaf_import_feature_score(vmaf, "last", 2, 0));
    const char *const text = written(vmaf, VMAF_OUTPUT_FORMAT_JSON);
    EXPECT(strstr(text, "\"no_number\": null"));
    EXPECT(strstr(text, "\"infinite\": null"));
    EXPECT(strstr(text, "\"last\": 2.000000"));
    EXPECT_OK(vmaf_close(vmaf));
}

/* Scores of a model are there once they have been asked for. */
static void computed(void)
{
    const struct clip clip = { VMAF_PIX_FMT_YUV420P, 8, 96, 80 };
    VmafContext *vmaf = open_context(0, 0);
    VmafModel *model = load_model("mine", 0, "vmaf_v0.6.1");
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    EXPECT_OK(vmaf_use_feature(vmaf, "psnr", NULL));
    read_clip(vmaf, clip, 2);
    char expected[100];

    const char *text = written(vmaf, VMAF_OUTPUT_FORMAT_JSON);
    EXPECT(!strstr(text, "\"mine\""));
    double score;
    EXPECT_OK(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, 1));
    text = written(vmaf, VMAF_OUTPUT_FORMAT_JSON);
    EXPECT(strstr(text, "\"mine\""));
    snprintf(expected, sizeof(expected), "\"mean\": %.6f", score);
    EXPECT(strstr(text, expected));
    snprintf(expected, sizeof(expected), "\"integer_vif_scale0\": %.6f",
             feature_at(vmaf, "VMAF_integer_feature_vif_scale0_score", 0));
    EXPECT(strstr(text, expected));

    text = written(vmaf, VMAF_OUTPUT_FORMAT_XML);
    EXPECT(strstr(text, "<params qualityWidth=\"96\" qualityHeight=\"80\" />"));
    EXPECT(strstr(text, "<metric name=\"mine\" min="));
    EXPECT(strstr(text, "integer_adm2=\""));
    text = written(vmaf, VMAF_OUTPUT_FORMAT_CSV);
    EXPECT(strstr(text, "integer_motion2,") && strstr(text, "psnr_y,") && strstr(text, "mine,"));
    text = written(vmaf, VMAF_OUTPUT_FORMAT_SUB);
    EXPECT(strstr(text, "{1}{2}frame: 1|") && strstr(text, "mine: "));
    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_destroy(model);
}

int main(void)
{
    const int file = mkstemp(path);
    EXPECT(file >= 0);
    close(file);
    /* Messages about files that can't be opened. */
    EXPECT(freopen("/dev/null", "w", stderr));
    refusals();
    nothing();
    scores(0);
    scores(3);
    not_numbers();
    computed();
    unlink(path);
    return finish();
}
