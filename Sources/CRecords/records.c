// The data files of Economics as bytes of the binary, so that it works wherever it is moved.
//
// `#embed` is C23; Swift has nothing like it, and a string literal would hide the files from every
// tool that reads CSV. A new file needs one array and one line of the table here.

#include "records.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char accelerator_peaks_csv[] = {
#embed "../Economics/Data/accelerator_peaks.csv"
};
static const unsigned char claims_1_training_json[] = {
#embed "../Economics/Data/claims-1-training.json"
};
static const unsigned char claims_2_moore_json[] = {
#embed "../Economics/Data/claims-2-moore.json"
};
static const unsigned char claims_3_inference_json[] = {
#embed "../Economics/Data/claims-3-inference.json"
};
static const unsigned char claims_4_hardware_json[] = {
#embed "../Economics/Data/claims-4-hardware.json"
};
static const unsigned char claims_5_models_json[] = {
#embed "../Economics/Data/claims-5-models.json"
};
static const unsigned char claims_6_efficiency_json[] = {
#embed "../Economics/Data/claims-6-efficiency.json"
};
static const unsigned char claims_7_compute_json[] = {
#embed "../Economics/Data/claims-7-compute.json"
};
static const unsigned char cloud_prices_csv[] = {
#embed "../Economics/Data/cloud_prices.csv"
};
static const unsigned char constants_csv[] = {
#embed "../Economics/Data/constants.csv"
};
static const unsigned char cpu_cost_points_inference_csv[] = {
#embed "../Economics/Data/cpu_cost_points_inference.csv"
};
static const unsigned char cpu_cost_points_training_csv[] = {
#embed "../Economics/Data/cpu_cost_points_training.csv"
};
static const unsigned char curves_csv[] = {
#embed "../Economics/Data/curves.csv"
};
static const unsigned char dawnbench_cifar10_inference_csv[] = {
#embed "../Economics/Data/dawnbench_cifar10_inference.csv"
};
static const unsigned char dawnbench_cifar10_train_csv[] = {
#embed "../Economics/Data/dawnbench_cifar10_train.csv"
};
static const unsigned char dawnbench_frontier_csv[] = {
#embed "../Economics/Data/dawnbench_frontier.csv"
};
static const unsigned char dawnbench_imagenet_inference_csv[] = {
#embed "../Economics/Data/dawnbench_imagenet_inference.csv"
};
static const unsigned char dawnbench_imagenet_train_csv[] = {
#embed "../Economics/Data/dawnbench_imagenet_train.csv"
};
static const unsigned char documents_csv[] = {
#embed "../Economics/Data/documents.csv"
};
static const unsigned char facts_csv[] = {
#embed "../Economics/Data/facts.csv"
};
static const unsigned char followup_points_csv[] = {
#embed "../Economics/Data/followup_points.csv"
};
static const unsigned char identities_csv[] = {
#embed "../Economics/Data/identities.csv"
};
static const unsigned char instance_families_csv[] = {
#embed "../Economics/Data/instance_families.csv"
};
static const unsigned char mlperf_inference_cpu_resnet50_csv[] = {
#embed "../Economics/Data/mlperf_inference_cpu_resnet50.csv"
};
static const unsigned char mlperf_training_cpu_resnet50_csv[] = {
#embed "../Economics/Data/mlperf_training_cpu_resnet50.csv"
};
static const unsigned char model_flops_params_csv[] = {
#embed "../Economics/Data/model_flops_params.csv"
};
static const unsigned char openai_ai_and_compute_systems_csv[] = {
#embed "../Economics/Data/openai_ai_and_compute_systems.csv"
};
static const unsigned char openai_ai_and_efficiency_table3_csv[] = {
#embed "../Economics/Data/openai_ai_and_efficiency_table3.csv"
};
static const unsigned char openai_efficiency_sota_csv[] = {
#embed "../Economics/Data/openai_efficiency_sota.csv"
};
static const unsigned char openai_efficiency_table2_csv[] = {
#embed "../Economics/Data/openai_efficiency_table2.csv"
};
static const unsigned char published_runs_csv[] = {
#embed "../Economics/Data/published_runs.csv"
};
static const unsigned char published_work_csv[] = {
#embed "../Economics/Data/published_work.csv"
};
static const unsigned char scaling_records_csv[] = {
#embed "../Economics/Data/scaling_records.csv"
};
static const unsigned char sources_csv[] = {
#embed "../Economics/Data/sources.csv"
};
static const unsigned char training_targets_csv[] = {
#embed "../Economics/Data/training_targets.csv"
};

#define FILE_ENTRY(name, bytes) {name, bytes, sizeof(bytes)}

static const record_file files[] = {
    FILE_ENTRY("accelerator_peaks.csv", accelerator_peaks_csv),
    FILE_ENTRY("claims-1-training.json", claims_1_training_json),
    FILE_ENTRY("claims-2-moore.json", claims_2_moore_json),
    FILE_ENTRY("claims-3-inference.json", claims_3_inference_json),
    FILE_ENTRY("claims-4-hardware.json", claims_4_hardware_json),
    FILE_ENTRY("claims-5-models.json", claims_5_models_json),
    FILE_ENTRY("claims-6-efficiency.json", claims_6_efficiency_json),
    FILE_ENTRY("claims-7-compute.json", claims_7_compute_json),
    FILE_ENTRY("cloud_prices.csv", cloud_prices_csv),
    FILE_ENTRY("constants.csv", constants_csv),
    FILE_ENTRY("cpu_cost_points_inference.csv", cpu_cost_points_inference_csv),
    FILE_ENTRY("cpu_cost_points_training.csv", cpu_cost_points_training_csv),
    FILE_ENTRY("curves.csv", curves_csv),
    FILE_ENTRY("dawnbench_cifar10_inference.csv", dawnbench_cifar10_inference_csv),
    FILE_ENTRY("dawnbench_cifar10_train.csv", dawnbench_cifar10_train_csv),
    FILE_ENTRY("dawnbench_frontier.csv", dawnbench_frontier_csv),
    FILE_ENTRY("dawnbench_imagenet_inference.csv", dawnbench_imagenet_inference_csv),
    FILE_ENTRY("dawnbench_imagenet_train.csv", dawnbench_imagenet_train_csv),
    FILE_ENTRY("documents.csv", documents_csv),
    FILE_ENTRY("facts.csv", facts_csv),
    FILE_ENTRY("followup_points.csv", followup_points_csv),
    FILE_ENTRY("identities.csv", identities_csv),
    FILE_ENTRY("instance_families.csv", instance_families_csv),
    FILE_ENTRY("mlperf_inference_cpu_resnet50.csv", mlperf_inference_cpu_resnet50_csv),
    FILE_ENTRY("mlperf_training_cpu_resnet50.csv", mlperf_training_cpu_resnet50_csv),
    FILE_ENTRY("model_flops_params.csv", model_flops_params_csv),
    FILE_ENTRY("openai_ai_and_compute_systems.csv", openai_ai_and_compute_systems_csv),
    FILE_ENTRY("openai_ai_and_efficiency_table3.csv", openai_ai_and_efficiency_table3_csv),
    FILE_ENTRY("openai_efficiency_sota.csv", openai_efficiency_sota_csv),
    FILE_ENTRY("openai_efficiency_table2.csv", openai_efficiency_table2_csv),
    FILE_ENTRY("published_runs.csv", published_runs_csv),
    FILE_ENTRY("published_work.csv", published_work_csv),
    FILE_ENTRY("scaling_records.csv", scaling_records_csv),
    FILE_ENTRY("sources.csv", sources_csv),
    FILE_ENTRY("training_targets.csv", training_targets_csv),
};

size_t record_file_count(void) { return sizeof(files) / sizeof(files[0]); }

record_file record_file_at(size_t index) { return files[index]; }
