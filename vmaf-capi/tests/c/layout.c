/* Prints the size of each structure and the offset of each member. */

#include <stddef.h>
#include <stdio.h>

#include <libvmaf/libvmaf.h>

#define SIZE(type) printf(#type ".size %zu\n", sizeof(type))
#define OFFSET(type, member) printf(#type "." #member " %zu\n", offsetof(type, member))

int main(void)
{
    SIZE(VmafPicture);
    OFFSET(VmafPicture, pix_fmt);
    OFFSET(VmafPicture, bpc);
    OFFSET(VmafPicture, w);
    OFFSET(VmafPicture, h);
    OFFSET(VmafPicture, stride);
    OFFSET(VmafPicture, data);
    OFFSET(VmafPicture, ref);
    OFFSET(VmafPicture, priv);

    SIZE(VmafConfiguration);
    OFFSET(VmafConfiguration, log_level);
    OFFSET(VmafConfiguration, n_threads);
    OFFSET(VmafConfiguration, n_subsample);
    OFFSET(VmafConfiguration, cpumask);
    OFFSET(VmafConfiguration, gpumask);

    SIZE(VmafModelConfig);
    OFFSET(VmafModelConfig, name);
    OFFSET(VmafModelConfig, flags);

    SIZE(VmafModelCollectionScore);
    OFFSET(VmafModelCollectionScore, type);
    OFFSET(VmafModelCollectionScore, bootstrap.bagging_score);
    OFFSET(VmafModelCollectionScore, bootstrap.stddev);
    OFFSET(VmafModelCollectionScore, bootstrap.ci.p95.lo);
    OFFSET(VmafModelCollectionScore, bootstrap.ci.p95.hi);

    SIZE(VmafPictureConfiguration);
    OFFSET(VmafPictureConfiguration, pic_params.w);
    OFFSET(VmafPictureConfiguration, pic_params.h);
    OFFSET(VmafPictureConfiguration, pic_params.bpc);
    OFFSET(VmafPictureConfiguration, pic_params.pix_fmt);
    OFFSET(VmafPictureConfiguration, pic_cnt);
    return 0;
}
